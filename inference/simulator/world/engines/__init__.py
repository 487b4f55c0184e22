"""Simulated engines: their arguments, their speed under load, their answers and their metrics."""
