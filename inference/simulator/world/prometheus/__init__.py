"""A simulated Prometheus: scrapes what monitors select, and answers a small part of PromQL."""
