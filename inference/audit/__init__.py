"""Who did what to what, when."""
