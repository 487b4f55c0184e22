"""The schema of definitions of kinds, as far as a cluster is asked for what it serves."""

from inference.simulator.schemas.meta import METADATA, conditions
from inference.simulator.schemas.shapes import BOOLEAN, each, fields, kind, listed

_NAMES = fields(
    each("kind listKind plural singular"),
    needs="plural kind",
    categories=listed(),
    shortNames=listed(),
)
_VERSION = fields(
    each("name deprecationWarning"),
    each("served storage deprecated", BOOLEAN),
    needs="name served storage",
)
DEFINITION = kind(
    METADATA,
    needs="spec",
    spec=fields(
        each("group scope"),
        needs="group names scope versions",
        names=_NAMES,
        preserveUnknownFields=BOOLEAN,
        versions=listed(_VERSION),
    ),
    status=fields(
        conditions=conditions(),
        acceptedNames=_NAMES,
        storedVersions=listed(),
    ),
)
