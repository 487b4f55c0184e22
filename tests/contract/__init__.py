"""The named cases that a real API server and the simulator both answer, in the same words."""
