"""The schema of the volumes of a pod, and of the claims that outlive it."""

from inference.simulator.schemas.meta import LOCAL_REFERENCE, METADATA, SELECTOR, conditions
from inference.simulator.schemas.shapes import (
    BOOLEAN,
    INTEGER,
    LONG,
    QUANTITY,
    STRING,
    each,
    fields,
    kind,
    listed,
    mapped,
    usually,
)

_ITEMS = listed(fields(each("key path"), needs="key path", mode=INTEGER))
_DOWNWARD = listed(
    fields(
        each("path"),
        needs="path",
        mode=INTEGER,
        fieldRef=fields(each("apiVersion fieldPath"), needs="fieldPath", atomic=True),
        resourceFieldRef=fields(
            each("containerName resource"), needs="resource", divisor=QUANTITY, atomic=True
        ),
    )
)
_PROJECTED = fields(
    configMap=fields(each("name"), items=_ITEMS, optional=BOOLEAN),
    secret=fields(each("name"), items=_ITEMS, optional=BOOLEAN),
    downwardAPI=fields(items=_DOWNWARD),
    serviceAccountToken=fields(each("audience path"), needs="path", expirationSeconds=LONG),
)
CLAIM_SPEC = fields(
    each("storageClassName volumeAttributesClassName volumeMode volumeName"),
    accessModes=listed(),
    dataSource=fields(each("apiGroup kind name"), needs="kind name", atomic=True),
    dataSourceRef=fields(each("apiGroup kind name namespace"), needs="kind name"),
    resources=fields(limits=mapped(QUANTITY), requests=mapped(QUANTITY)),
    selector=SELECTOR,
)
CLAIM = kind(
    METADATA,
    spec=CLAIM_SPEC,
    status=fields(
        each("currentVolumeAttributesClassName phase"),
        accessModes=listed(),
        allocatedResources=mapped(QUANTITY),
        allocatedResourceStatuses=mapped(),
        capacity=mapped(QUANTITY),
        conditions=conditions("lastProbeTime"),
    ),
)
VOLUME = fields(
    needs="name",
    name=usually(STRING, ""),
    configMap=fields(each("name"), defaultMode=INTEGER, items=_ITEMS, optional=BOOLEAN),
    csi=fields(
        each("driver fsType"),
        needs="driver",
        nodePublishSecretRef=LOCAL_REFERENCE,
        readOnly=BOOLEAN,
        volumeAttributes=mapped(),
    ),
    downwardAPI=fields(defaultMode=INTEGER, items=_DOWNWARD),
    emptyDir=fields(each("medium"), sizeLimit=QUANTITY),
    ephemeral=fields(volumeClaimTemplate=fields(metadata=METADATA, spec=CLAIM_SPEC, needs="spec")),
    hostPath=fields(each("path type"), needs="path"),
    image=fields(each("pullPolicy reference")),
    nfs=fields(each("path server"), needs="server path", readOnly=BOOLEAN),
    persistentVolumeClaim=fields(each("claimName"), needs="claimName", readOnly=BOOLEAN),
    projected=fields(defaultMode=INTEGER, sources=listed(_PROJECTED)),
    secret=fields(each("secretName"), defaultMode=INTEGER, items=_ITEMS, optional=BOOLEAN),
)
SOURCES = tuple(sorted(set(VOLUME["properties"]) - {"name"}))
"""The kinds of volumes: exactly one stands in each."""

__all__ = ["CLAIM", "SOURCES", "VOLUME"]
