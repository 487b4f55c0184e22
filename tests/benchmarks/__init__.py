"""Ratios against a peer, measured in one run. Seconds live here and in no test."""
