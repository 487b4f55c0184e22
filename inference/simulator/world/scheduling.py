"""Where a pod may run, or why nowhere, in the words of the real scheduler. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from inference.simulator.errors import Object
from inference.simulator.selectors import Requirement, Selector, selects_labels
from inference.simulator.world.quantities import milli, requests_of
from inference.simulator.world.selecting import labels_of

_HELPLESS = "Preemption is not helpful for scheduling"
_NO_VICTIMS = "No preemption victims found for incoming pod"


@dataclass(frozen=True, slots=True)
class Placement:
    node: str


@dataclass(frozen=True, slots=True)
class Refusal:
    message: str


@dataclass(frozen=True, slots=True)
class No:
    """Why one node does not take the pod. `for_good`: not even an empty node would."""

    reasons: tuple[str, ...]
    for_good: bool = True


Claims = Mapping[str, bool]
"""The claims of a namespace by name, and whether each is bound."""


def place(
    pod: Object, nodes: Iterable[Object], pods: Iterable[Object], claims: Claims | None = None
) -> Placement | Refusal:
    """`pods` are those that already stand on nodes; finished ones among them take nothing."""
    found = list(nodes)
    if not found:
        return Refusal("no nodes available to schedule pods")
    if missing := _claims_missing(pod, claims or {}):
        return Refusal(_sentence(len(found), [missing], {_HELPLESS: len(found)}))
    taken = _taken(pods)
    noes: list[No] = []
    fitting: list[tuple[float, str]] = []
    for node in found:
        name = node["metadata"]["name"]
        used, count = taken.get(name, (Counter(), 0))
        no = _no(pod, node, used, count)
        if no is None:
            fitting.append((_load(node, used), name))
        else:
            noes.append(no)
    if fitting:
        return Placement(min(fitting)[1])
    return Refusal(_refusal(noes))


def _refusal(noes: Sequence[No]) -> str:
    counted = Counter(reason for no in noes for reason in no.reasons)
    reasons = sorted(f"{count} {reason}" for reason, count in counted.items())
    preemption = Counter(_HELPLESS if no.for_good else _NO_VICTIMS for no in noes)
    return _sentence(len(noes), reasons, preemption)


def _sentence(count: int, reasons: Sequence[str], preemption: Mapping[str, int]) -> str:
    head = f"0/{count} nodes are available:"
    after = ", ".join(sorted(f"{number} {why}" for why, number in preemption.items()))
    return f"{head} {', '.join(reasons)}. no new claims to deallocate, preemption: {head} {after}."


def _no(pod: Object, node: Object, used: Mapping[str, int], count: int) -> No | None:
    """The first filter that refuses decides."""
    spec = pod["spec"]
    tolerations = spec.get("tolerations") or ()
    if node.get("spec", {}).get("unschedulable") and not _tolerates(tolerations, _CORDONED):
        return No(("node(s) were unschedulable",))
    if any(_repels(taint, tolerations) for taint in node.get("spec", {}).get("taints") or ()):
        return No(("node(s) had untolerated taint(s)",))
    if not _is_selected(spec, node):
        return No(("node(s) didn't match Pod's node affinity/selector",))
    return _does_not_fit(spec, node, used, count)


_CORDONED = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}


def _repels(taint: Object, tolerations: Iterable[Object]) -> bool:
    return taint["effect"] in {"NoSchedule", "NoExecute"} and not _tolerates(tolerations, taint)


def _tolerates(tolerations: Iterable[Object], taint: Object) -> bool:
    return any(_matches(one, taint) for one in tolerations)


def _matches(toleration: Object, taint: Object) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint["effect"]:
        return False
    if toleration.get("key") and toleration["key"] != taint["key"]:
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return True
    if not toleration.get("key"):
        return False
    return bool(toleration.get("value", "") == taint.get("value", ""))


def _is_selected(spec: Object, node: Object) -> bool:
    labels = labels_of(node)
    if not selects_labels(Selector.equal(spec.get("nodeSelector") or {}), labels):
        return False
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    if required is None:
        return True
    return any(
        all(_holds(one, labels) for one in term.get("matchExpressions") or ())
        for term in required.get("nodeSelectorTerms") or ()
        if term.get("matchExpressions")
    )


def _holds(expression: Object, labels: Mapping[str, str]) -> bool:
    operator, key = expression["operator"], expression["key"]
    values = expression.get("values") or []
    if operator in {"Gt", "Lt"}:
        has = labels.get(key, "")
        if not (has.lstrip("-").isdigit() and len(values) == 1):
            return False
        return int(has) > int(values[0]) if operator == "Gt" else int(has) < int(values[0])
    word = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}[operator]
    return Requirement(key, word, frozenset(values)).holds(labels)


def _does_not_fit(spec: Object, node: Object, used: Mapping[str, int], count: int) -> No | None:
    offered = _offered(node)
    reasons, for_good = [], False
    if count + 1 > offered.get("pods", 0) // 1000:
        reasons.append("Too many pods")
    for name, amount in requests_of(spec).items():
        if amount > offered.get(name, 0) - used.get(name, 0):
            reasons.append(f"Insufficient {name}")
            for_good = for_good or amount > offered.get(name, 0)
    return No(tuple(reasons), for_good) if reasons else None


def _offered(node: Object) -> dict[str, int]:
    return {name: milli(text) for name, text in (_allocatable(node)).items()}


def _allocatable(node: Object) -> Mapping[str, str]:
    offered: Mapping[str, str] = (node.get("status") or {}).get("allocatable") or {}
    return offered


def _taken(pods: Iterable[Object]) -> dict[str, tuple[Counter[str], int]]:
    taken: dict[str, tuple[Counter[str], int]] = {}
    for pod in pods:
        node = pod["spec"].get("nodeName")
        if not node or (pod.get("status") or {}).get("phase") in {"Succeeded", "Failed"}:
            continue
        used, count = taken.get(node, (Counter(), 0))
        used.update(requests_of(pod["spec"]))
        taken[node] = (used, count + 1)
    return taken


def _load(node: Object, used: Mapping[str, int]) -> float:
    """How full a node is; the emptiest is taken, so that replicas spread."""
    shares = [
        used.get(name, 0) / amount for name, amount in _offered(node).items() if amount and used
    ]
    return sum(shares)


def _claims_missing(pod: Object, claims: Claims) -> str:
    for volume in pod["spec"].get("volumes") or ():
        claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if claim and claim not in claims:
            return f'persistentvolumeclaim "{claim}" not found'
        if claim and not claims[claim]:
            return "pod has unbound immediate PersistentVolumeClaims"
    return ""
