"""The schemas of Deployments, ReplicaSets and the budgets of their disruption."""

from inference.simulator.schemas.meta import METADATA, SELECTOR, STANDARD, conditions
from inference.simulator.schemas.pods import POD_TEMPLATE
from inference.simulator.schemas.shapes import (
    BOOLEAN,
    INT_OR_STRING,
    INTEGER,
    LONG,
    TIME,
    each,
    fields,
    kind,
    mapped,
)

_STRATEGY = fields(
    each("type"), rollingUpdate=fields(maxSurge=INT_OR_STRING, maxUnavailable=INT_OR_STRING)
)
DEPLOYMENT = kind(
    METADATA,
    spec=fields(
        each("minReadySeconds progressDeadlineSeconds replicas revisionHistoryLimit", INTEGER),
        needs="selector template",
        paused=BOOLEAN,
        selector=SELECTOR,
        strategy=_STRATEGY,
        template=POD_TEMPLATE,
    ),
    status=fields(
        each(
            "availableReplicas collisionCount readyReplicas replicas terminatingReplicas "
            "unavailableReplicas updatedReplicas",
            INTEGER,
        ),
        observedGeneration=LONG,
        conditions=conditions("lastUpdateTime"),
    ),
)
REPLICA_SET = kind(
    METADATA,
    spec=fields(
        each("minReadySeconds replicas", INTEGER),
        needs="selector",
        selector=SELECTOR,
        template=POD_TEMPLATE,
    ),
    status=fields(
        each(
            "availableReplicas fullyLabeledReplicas readyReplicas replicas terminatingReplicas",
            INTEGER,
        ),
        needs="replicas",
        observedGeneration=LONG,
        conditions=conditions(),
    ),
)
BUDGET = kind(
    METADATA,
    spec=fields(
        each("unhealthyPodEvictionPolicy"),
        each("maxUnavailable minAvailable", INT_OR_STRING),
        selector=SELECTOR,
    ),
    status=fields(
        each("currentHealthy desiredHealthy disruptionsAllowed expectedPods", INTEGER),
        observedGeneration=LONG,
        conditions=conditions(generation=True, needs=STANDARD),
        disruptedPods=mapped(TIME),
    ),
)
