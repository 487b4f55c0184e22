"""Changes that an API server refuses: a sample and the edit that it may not take."""

from tests.contract.edits import GONE, Edit, put
from tests.contract.samples import (
    Maker,
    budget,
    claim,
    config_map,
    deployment,
    pool,
    role,
    role_binding,
    route,
    service,
    service_account,
)

CHANGES: dict[str, tuple[Maker, Edit]] = {
    "the selector of a deployment": (
        deployment,
        put(
            spec__selector__matchLabels={"app": "engine", "tier": "a"},
            spec__template__metadata__labels={"app": "engine", "tier": "a"},
        ),
    ),
    "no selector of a deployment": (deployment, put(spec__selector=GONE)),
    "a label of an account": (service_account, put(metadata__labels={"a": "b c"})),
    "a label of a deployment": (deployment, put(metadata__labels={"a": "b c"})),
    "a label of a binding": (role_binding, put(metadata__labels={"a": "b c"})),
    "a label of a budget": (budget, put(metadata__labels={"a": "b c"})),
    "a label of a claim": (claim, put(metadata__labels={"a": "b c"})),
    "a label of a pool": (pool, put(metadata__labels={"a": "b c"})),
    "a label of a role": (
        lambda place: role(place, "reader"),
        put(metadata__labels={"a": "b c"}),
    ),
    "a label of a route": (route, put(metadata__labels={"a": "b c"})),
    "a label of a service": (service, put(metadata__labels={"a": "b c"})),
    "a label of settings": (config_map, put(metadata__labels={"a": "b c"})),
    "no number of the port of a picker": (pool, put(spec__endpointPickerRef__port={})),
    "null for the port of a picker": (pool, put(spec__endpointPickerRef__port=None)),
    "the address of a service": (service, put(spec__clusterIP="10.96.255.1")),
    "the access modes of a claim": (claim, put(spec__accessModes=["ReadWriteOnce"])),
    "the size of a claim to less": (
        claim,
        put(spec__resources={"requests": {"storage": "1Gi"}}),
    ),
    "the size of a claim to nothing": (claim, put(spec__resources={})),
    "the role of a binding": (role_binding, put(roleRef__name="other")),
}
"""What may not change once it is there."""
