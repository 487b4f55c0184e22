"""Whose object is it that answers a planned creation with 200 instead of 201? Pure.

A creation is announced in its row before it is sent, so there are two cases.

Not announced before this attempt: we cannot have made it. It appeared after the plan was made and
is somebody else's.

Announced before: our own first answer may have been lost, by a crash or by the network. Then the
server's managedFields tell. Whoever creates an object has an entry that is as old as the object;
the server writes the entry first, so it may be a second older, never younger. We made it if our
entry is that old and no other is. An entry of ours that is younger than the object belongs to this
attempt or the one before, upon an object that was there. If somebody else's entry is that old too,
we cannot know, and leave the object to them: an object that is not entered as ours is never pruned.
Entries of subresources (status, scale) do not count, since no object is created through them.
"""

from datetime import datetime
from typing import Any

from inference.field_sets import MANAGER
from inference.manifests import Manifest


def is_ours(answer: Manifest, *, was_announced: bool) -> bool:
    """Whether `answer` is of an object that our own earlier request created."""
    if not was_announced:
        return False
    born = _time(answer["metadata"].get("creationTimestamp"))
    if born is None:
        return False
    times = [(_is_mine(entry), _time(entry.get("time"))) for entry in _entries(answer)]
    we_did = any(mine and time is not None and time <= born for mine, time in times)
    they_may = any(not mine and (time is None or time <= born) for mine, time in times)
    return we_did and not they_may


def others(answer: Manifest) -> str:
    """Names of the managers that are not us, for people."""
    names = {str(entry.get("manager")) for entry in _entries(answer) if not _is_mine(entry)}
    return ", ".join(sorted(names)) or "nobody that the cluster names"


def _entries(answer: Manifest) -> list[dict[str, Any]]:
    entries = answer["metadata"].get("managedFields") or []
    return [entry for entry in entries if not entry.get("subresource")]


def _is_mine(entry: dict[str, Any]) -> bool:
    return entry.get("manager") == MANAGER and entry.get("operation") == "Apply"


def _time(text: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo else None
