"""What a writer may say about the object it means, and the words of a server that has another."""

from inference.simulator import errors
from inference.simulator.errors import Object
from inference.simulator.resources import Resource


def check(
    resource: Resource,
    live: Object,
    uid: str | None,
    version: str | None,
    *,
    deleting: bool = False,
) -> None:
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
        if deleting:
            why = (
                f"Precondition failed: ResourceVersion in precondition: {version}, "
                f"ResourceVersion in object meta: {metadata['resourceVersion']}"
            )
    if why:
        raise errors.conflict(resource.plural, resource.group, name, why)
