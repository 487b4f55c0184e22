"""A simulated cluster behind the real HTTP API; it imports no stage, and no stage imports it."""
