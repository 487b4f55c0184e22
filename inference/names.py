"""The one module that names objects in clusters.

A name is the readable part that people gave, cut, and 50 bits of the definition's id: people see
whose it is, and no two placements share one. At most 40 characters, so that what controllers add
(`-epp`, a ReplicaSet's hash, a pod's suffix) still fits into the 63 of a DNS label.
"""

import base64
import hashlib
from uuid import UUID

ENGINE = "modelserver"
"""Of the container of a replica that serves the model."""
LONGEST = 40
_MARK = 10


def placement_name(model: str, placement_id: UUID) -> str:
    """Of the Deployment, its account, the pool and all that belongs to one placement."""
    return _named(model, placement_id)


def route_name(route: str, route_id: UUID) -> str:
    """Of the HTTPRoute of one route."""
    return _named(route, route_id)


def picker_name(placement: str) -> str:
    """Of the endpoint picker beside the placement named `placement`."""
    return f"{placement}-epp"


def picker_config_name(placement: str, digest: str) -> str:
    """Of a picker's configuration. It carries its content's hash: another content, another pod."""
    return f"{picker_name(placement)}-{digest[:8]}"


def _named(readable: str, identity: UUID) -> str:
    mark = base64.b32encode(hashlib.sha256(identity.bytes).digest()).decode().lower()[:_MARK]
    return f"{readable[: LONGEST - _MARK - 1].rstrip('-')}-{mark}"
