"""Durations as Go and the Gateway API write them: 1h2m3s500ms. Pure."""

import re

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|h|m|s)")


def seconds_of(duration: str) -> float:
    """A bare number is seconds. Raises ValueError."""
    if re.fullmatch(r"\d+(\.\d+)?", duration):
        return float(duration)
    parts = _PART.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f"not a duration: {duration}")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)
