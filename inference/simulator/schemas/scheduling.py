"""The schema of where pods may run: tolerations, affinity, spreading."""

from inference.simulator.schemas.meta import SELECTOR
from inference.simulator.schemas.shapes import INTEGER, LONG, each, fields, listed

TOLERATION = fields(each("effect key operator value"), tolerationSeconds=LONG)
_REQUIREMENT = fields(each("key operator"), needs="key operator", values=listed())
_TERM = fields(matchExpressions=listed(_REQUIREMENT), matchFields=listed(_REQUIREMENT), atomic=True)
_NODES = fields(
    requiredDuringSchedulingIgnoredDuringExecution=fields(
        nodeSelectorTerms=listed(_TERM), needs="nodeSelectorTerms", atomic=True
    ),
    preferredDuringSchedulingIgnoredDuringExecution=listed(
        fields(weight=INTEGER, preference=_TERM, needs="weight preference")
    ),
)
_POD_TERM = fields(
    each("topologyKey"),
    each("labelSelector namespaceSelector", SELECTOR),
    each("matchLabelKeys mismatchLabelKeys namespaces", listed()),
    needs="topologyKey",
)
_PODS = fields(
    requiredDuringSchedulingIgnoredDuringExecution=listed(_POD_TERM),
    preferredDuringSchedulingIgnoredDuringExecution=listed(
        fields(weight=INTEGER, podAffinityTerm=_POD_TERM, needs="weight podAffinityTerm")
    ),
)
AFFINITY = fields(nodeAffinity=_NODES, podAffinity=_PODS, podAntiAffinity=_PODS)
SPREAD = fields(
    each("nodeAffinityPolicy nodeTaintsPolicy topologyKey whenUnsatisfiable"),
    each("maxSkew minDomains", INTEGER),
    needs="maxSkew topologyKey whenUnsatisfiable",
    labelSelector=SELECTOR,
    matchLabelKeys=listed(),
)
