"""Whose object is it that answers a planned creation with 200 instead of 201? Pure.

A creation is announced in its row before it is sent. When the row was not announced before, the
object was there first, and is somebody else's. When it was, our own first answer may have been
lost: then the object is ours if the server dates our fields to the object's creation and nobody
else's. A worker that died between the announcement and the answer needs no hand.
"""

from inference.field_sets import MANAGER
from inference.manifests import Manifest


def is_ours(answer: Manifest, *, was_announced: bool) -> bool:
    """Whether `answer` is of an object that our own earlier request created."""
    if not was_announced:
        return False
    metadata = answer["metadata"]
    born = metadata.get("creationTimestamp")
    entries = [one for one in metadata.get("managedFields", []) if not one.get("subresource")]
    first = [one for one in entries if one.get("time") == born]
    mine = [one for one in first if _is_mine(one)]
    return bool(mine) and len(mine) == len(first)


def others(answer: Manifest) -> str:
    """Names of the managers that are not us, for people."""
    entries = answer["metadata"].get("managedFields", [])
    names = {
        str(one.get("manager"))
        for one in entries
        if not _is_mine(one) and not one.get("subresource")
    }
    return ", ".join(sorted(names)) or "nobody that the cluster names"


def _is_mine(entry: dict[str, object]) -> bool:
    return entry.get("manager") == MANAGER and entry.get("operation") == "Apply"
