"""What objects of all kinds have in common: metadata, selectors, conditions, references."""

from inference.simulator.schemas.shapes import (
    ANY,
    BOOLEAN,
    LONG,
    STRING,
    TIME,
    each,
    fields,
    keyed,
    listed,
    mapped,
    number,
    one_of,
    set_of,
    text,
    usually,
)

OWNER = fields(
    each("apiVersion kind name uid"),
    each("controller blockOwnerDeletion", BOOLEAN),
    needs="apiVersion kind name uid",
    atomic=True,
)
MANAGED = fields(
    each("apiVersion fieldsType manager operation subresource"), time=TIME, fieldsV1=ANY
)
METADATA = fields(
    each("name namespace generateName uid resourceVersion selfLink"),
    each("generation deletionGracePeriodSeconds", LONG),
    each("creationTimestamp deletionTimestamp", TIME),
    labels=mapped(),
    annotations=mapped(),
    finalizers=set_of(),
    ownerReferences=keyed("uid", OWNER),
    managedFields=listed(MANAGED),
)
REQUIREMENT = fields(each("key operator"), needs="key operator", values=listed())
SELECTOR = fields(matchLabels=mapped(), matchExpressions=listed(REQUIREMENT), atomic=True)
REFERENCE = fields(
    each("apiVersion fieldPath kind name namespace resourceVersion uid"), atomic=True
)
LOCAL_REFERENCE = fields(name=usually(STRING, ""), atomic=True)

LISTED_CONDITION = fields(
    each("type status reason message"),
    each("lastTransitionTime lastUpdateTime lastHeartbeatTime lastProbeTime", TIME),
    observedGeneration=LONG,
    needs="type status",
)


def conditions(
    *times: str, generation: bool = False, needs: str = "type status"
) -> dict[str, object]:
    """Conditions of a built-in kind, with the times that it knows."""
    known = each(" ".join(("lastTransitionTime", *times)), TIME)
    if generation:
        known["observedGeneration"] = LONG
    return keyed("type", fields(each("type status reason message"), known, needs=needs))


STANDARD = "type status lastTransitionTime reason message"

_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_NAME = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
CONDITION = fields(
    type=text(rf"^({_SUBDOMAIN}/)?({_NAME})$", longest=316),
    status=one_of("True", "False", "Unknown"),
    reason=text(r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$", shortest=1, longest=1024),
    message=text(longest=32768),
    lastTransitionTime=TIME,
    observedGeneration=number(0, kind=LONG),
    needs="lastTransitionTime message reason status type",
)
"""A condition of a custom kind, checked by its schema."""
