"""Names as controllers make them, and who belongs to whom. Pure but for the given dice."""

import hashlib
import json
from random import Random

from inference.simulator.errors import Object

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_LONGEST_BASE = 58
"""Of a generated name, so that five letters more make 63."""

Key = tuple[str, str]
"""Namespace and name."""


def key_of(obj: Object) -> Key:
    return (obj["metadata"].get("namespace", ""), obj["metadata"]["name"])


def generated(base: str, dice: Random) -> str:
    """`base` and five random letters."""
    return base[:_LONGEST_BASE] + "".join(dice.choice(_LETTERS) for _ in range(5))


def template_hash(template: Object, collisions: int = 0) -> str:
    """Equal templates have one hash; `collisions` counts the foreign holders of earlier ones."""
    text = json.dumps(template, sort_keys=True) + (str(collisions) if collisions else "")
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    letters = []
    for _ in range(10):
        number, rest = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[rest])
    return "".join(letters)


def controller_of(obj: Object) -> Object | None:
    """The owner reference of the one controller, or None."""
    owners = obj["metadata"].get("ownerReferences") or ()
    return next((one for one in owners if one.get("controller")), None)


def is_controlled_by(obj: Object, owner: Object) -> bool:
    found = controller_of(obj)
    return found is not None and found["uid"] == owner["metadata"]["uid"]


def owner_reference(owner: Object) -> Object:
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def is_leaving(obj: Object) -> bool:
    return "deletionTimestamp" in obj["metadata"]
