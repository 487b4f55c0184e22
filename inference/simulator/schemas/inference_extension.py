"""The schemas of inference pools, objectives and model rewrites."""

from inference.simulator.schemas.gateways import GROUP_NAME, pending
from inference.simulator.schemas.meta import CONDITION, METADATA
from inference.simulator.schemas.patterns import (
    CONTROLLER,
    GROUP,
    KIND,
    LABEL_VALUE,
    NAME,
    NAMESPACE,
    PORT,
)
from inference.simulator.schemas.shapes import (
    INTEGER,
    STRING,
    fields,
    keyed,
    kind,
    listed,
    mapped,
    number,
    one_of,
    text,
    usually,
)

POOL_GROUP = "inference.networking.k8s.io"
_EMPTY_OR_GROUP = {**GROUP, "minLength": 0}
_NUMBER = fields(number=PORT, needs="number")
_CONDITIONS = keyed("type", CONDITION, maxItems=8)
_PICKER = fields(
    needs="name",
    failureMode=usually(one_of("FailOpen", "FailClose"), "FailClose"),
    group=usually(_EMPTY_OR_GROUP, ""),
    kind=usually(KIND, "Service"),
    name=NAME,
    port=_NUMBER,
)
_PARENT = fields(
    needs="name",
    group=usually(_EMPTY_OR_GROUP, GROUP_NAME),
    kind=usually(KIND, "Gateway"),
    name=NAME,
    namespace=NAMESPACE,
)
POOL = kind(
    METADATA,
    needs="spec",
    spec=fields(
        needs="selector targetPorts",
        appProtocol=usually(one_of("http", "kubernetes.io/h2c"), "http"),
        endpointPickerRef=_PICKER,
        selector=fields(
            needs="matchLabels",
            matchLabels=mapped(LABEL_VALUE, minProperties=1, maxProperties=64),
        ),
        targetPorts=listed(_NUMBER, minItems=1, maxItems=8),
    ),
    status=fields(
        parents=listed(
            fields(
                needs="parentRef",
                conditions=_CONDITIONS,
                controllerName=CONTROLLER,
                parentRef=_PARENT,
            ),
            maxItems=32,
        )
    ),
)
_POOL_REFERENCE = fields(
    needs="name", group=usually(GROUP, POOL_GROUP), kind=usually(KIND, "InferencePool"), name=NAME
)
OBJECTIVE = kind(
    METADATA,
    spec=fields(needs="poolRef", poolRef=_POOL_REFERENCE, priority=INTEGER),
    status=fields(conditions=usually(_CONDITIONS, pending("Ready"))),
)
_MODEL = fields(needs="value", type=usually(one_of("Exact"), "Exact"), value=text(shortest=1))
_TARGET = fields(needs="modelRewrite", modelRewrite=STRING, weight=number(1, 1_000_000))
_RULE = fields(
    matches=listed(fields(model=_MODEL, needs="model")), targets=listed(_TARGET, minItems=1)
)
REWRITE = kind(
    METADATA,
    spec=fields(needs="poolRef rules", poolRef=_POOL_REFERENCE, rules=listed(_RULE)),
    status=fields(conditions=usually(_CONDITIONS, pending("Accepted"))),
)
