"""A console to try: simulated or outside clusters, people, definitions, and a walk through them."""
