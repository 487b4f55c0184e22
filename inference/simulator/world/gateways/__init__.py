"""A simulated Gateway API controller, and the proxies that it programs."""
