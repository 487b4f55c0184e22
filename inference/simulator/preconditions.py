"""What a writer may say about the object it means, and the words of a server that has another."""

import json

from inference.simulator import errors
from inference.simulator.errors import Object
from inference.simulator.resources import Resource


def check(resource: Resource, live: Object, uid: str | None, version: str | None) -> None:
    """Raises ApiError, a conflict, where `live` has another UID or version than was said."""
    name, metadata = live["metadata"]["name"], live["metadata"]
    why = ""
    if uid and uid != metadata["uid"]:
        why = (
            f"Precondition failed: UID in precondition: {uid}, "
            f"UID in object meta: {metadata['uid']}"
        )
    elif version and version != metadata["resourceVersion"]:
        why = errors.MODIFIED
    if why:
        raise errors.conflict(resource.plural, resource.group, name, why)


def check_deletion(resource: Resource, live: Object, uid: str | None, version: str | None) -> None:
    """As `check`, in the words that a deletion is refused with."""
    metadata, why = live["metadata"], ""
    if uid and uid != metadata["uid"]:
        why = (
            f"the UID in the precondition ({uid}) does not match the UID in record "
            f"({metadata['uid']}). The object might have been deleted and then recreated"
        )
    elif version and version != metadata["resourceVersion"]:
        why = (
            f"the ResourceVersion in the precondition ({version}) does not match the "
            f"ResourceVersion in record ({metadata['resourceVersion']}). "
            "The object might have been modified"
        )
    if why:
        raise errors.conflict(resource.kind, resource.group, metadata["name"], why)


def check_patch(resource: Resource, live: Object, uid: str | None, version: str | None) -> None:
    """As `check`; to a patch the UID is a field like others, that never changes."""
    if uid and uid != live["metadata"]["uid"]:
        why = f'Invalid value: "{uid}": field is immutable'
        cause = errors.Cause("FieldValueInvalid", why, "metadata.uid")
        raise errors.invalid(resource.kind, resource.group, live["metadata"]["name"], [cause])
    check(resource, live, None, version)


def check_absent(resource: Resource, obj: Object) -> None:
    """An apply that names the UID of what it means creates nothing."""
    metadata = obj["metadata"]
    if metadata.get("uid"):
        why = (
            "uid mismatch: the provided object specified uid "
            f"{metadata['uid']}, and no existing object was found"
        )
        raise errors.conflict(resource.plural, resource.group, metadata["name"], why)


def check_finalizers(resource: Resource, live: Object, new: Object) -> None:
    """What is being deleted may be let go by those who hold it, and held by nobody more."""
    if "deletionTimestamp" not in live["metadata"]:
        return
    held = live["metadata"].get("finalizers") or ()
    more = [one for one in new["metadata"].get("finalizers") or () if one not in held]
    if more:
        listed = ", ".join(json.dumps(one) for one in more)
        why = (
            "Forbidden: no new finalizers can be added if the object is being deleted, "
            f"found new finalizers []string{{{listed}}}"
        )
        cause = errors.Cause("FieldValueForbidden", why, "metadata.finalizers")
        raise errors.invalid(resource.kind, resource.group, new["metadata"]["name"], [cause])
