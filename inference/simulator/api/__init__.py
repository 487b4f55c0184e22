"""The HTTP side of a simulated cluster: what an API server answers, over one store."""
