"""Plain JSON values: copying them fast."""

from typing import Any


def copied(value: Any) -> Any:
    """A deep copy of a JSON value; several times faster than `copy.deepcopy`."""
    if isinstance(value, dict):
        return {key: copied(part) for key, part in value.items()}
    if isinstance(value, list):
        return [copied(part) for part in value]
    return value
