"""Reads what a cluster answered: one whole answer, and the JSON in it under limits. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from inference.clusters.client.errors import ClusterUnavailable, Unavailable

DEEPEST = 100
"""Nested deeper than any object of Kubernetes, and shallow enough for recursive readers."""

_LONGEST_WAIT = 300.0
_NESTING = frozenset({dict, list})
"""Exactly these come out of a decoder, so the type need not be asked for its ancestors."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_json(self) -> bool:
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind == "application/json"

    def json(self) -> Any:
        """The decoded body; None for anything but JSON that nests no deeper than `DEEPEST`."""
        if not self.is_json:
            return None
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None
        return value if self._has_few_levels() or is_shallow(value) else None

    def _has_few_levels(self) -> bool:
        """Whether there are too few brackets for anything deep. Cheap, and true of most objects."""
        return self.body.count(b"{") + self.body.count(b"[") <= DEEPEST


def json_object(answer: Answer) -> dict[str, Any]:
    """The answer's JSON object. Raises ClusterUnavailable for anything else."""
    value = answer.json()
    if not isinstance(value, dict):
        raise ClusterUnavailable(Unavailable.NOT_KUBERNETES)
    return value


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait, as the answer asks; None where it does not, or not in a readable way."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT)
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, LookupError, AttributeError):
        return None
    wait = (then.replace(tzinfo=then.tzinfo or UTC) - (now or datetime.now(UTC))).total_seconds()
    return min(max(wait, 0.0), _LONGEST_WAIT)


def is_shallow(value: Any) -> bool:
    """Whether a decoded value nests no deeper than `DEEPEST`."""
    level = [value] if type(value) in _NESTING else []
    for _ in range(DEEPEST):
        if not level:
            return True
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) in _NESTING
        ]
    return False
