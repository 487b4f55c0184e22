"""Simulated endpoint pickers, as those of the inference extension's release 1.5 behave."""
