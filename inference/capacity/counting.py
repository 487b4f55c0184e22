"""How many accelerators of a pool there are, are in use, and may be free. Pure.

What is free is an upper bound always: pods of namespaces that nobody watches are not seen. So
whatever is in doubt counts as free, and nothing that is seen to be in use or closed does.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_REPELS = {"NoSchedule", "NoExecute"}
_OF_READINESS = {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}
_CORDON = "node.kubernetes.io/unschedulable"


class State(StrEnum):
    """Whether a node takes pods of the pool. The first that holds is told."""

    NOT_READY = "not-ready"
    CORDONED = "cordoned"
    TAINTED = "tainted"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Taint:
    key: str
    value: str
    effect: str


@dataclass(frozen=True, slots=True)
class Toleration:
    """As Kubernetes reads it: an empty key with `Exists` is every key, an empty effect is each."""

    key: str
    operator: str
    value: str
    effect: str

    def covers(self, taint: Taint) -> bool:
        if self.effect not in {"", taint.effect}:
            return False
        if self.operator == "Exists":
            return self.key in {"", taint.key}
        return (self.key, self.value) == (taint.key, taint.value)


@dataclass(frozen=True, slots=True)
class Node:
    """`capacity` counts every device by resource, `allocatable` those that are in order."""

    name: str
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    is_ready: bool
    is_cordoned: bool
    capacity: Mapping[str, int]
    allocatable: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Holding:
    """A pod on a node and its devices. `placement` is empty for one that Waybill did not place."""

    node: str
    devices: Mapping[str, int]
    placement: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a pool asks of a node."""

    resource: str
    selector: Mapping[str, str]
    tolerations: tuple[Toleration, ...] = ()

    @classmethod
    def by(cls, document: Mapping[str, Any]) -> "Wanted":
        """From the document of a hardware pool."""
        names = ("key", "operator", "value", "effect")
        return cls(
            document["resource"],
            document.get("node_selector") or {},
            tuple(
                Toleration(*(one.get(name) or "" for name in names))
                for one in document.get("tolerations") or ()
            ),
        )

    def selects(self, node: Node) -> bool:
        """An empty selector is every node that has the resource."""
        if not self.selector:
            return node.capacity.get(self.resource, 0) > 0
        return all(node.labels.get(key) == value for key, value in self.selector.items())

    def repelled_by(self, node: Node) -> Taint | None:
        """The taint that keeps its pods away.

        One that is named for the resource may be tolerated by admission: it is in doubt.
        """
        for taint in node.taints:
            is_sure = taint.effect in _REPELS and taint.key != self.resource
            if is_sure and not any(one.covers(taint) for one in self.tolerations):
                return taint
        return None


@dataclass(frozen=True, slots=True)
class NodeCount:
    """Devices of one node. `taint` is the key of the one that closes it to the pool.

    `holders`: devices by placement, in the order of their names.
    """

    name: str
    state: State
    taint: str
    devices: int
    placed: int
    others: int
    free: int
    holders: tuple[tuple[str, int], ...]

    @property
    def out_of_use(self) -> int:
        """Neither held nor to be had: the node is closed, or the device is out of order."""
        return max(0, self.devices - self.placed - self.others - self.free)


@dataclass(frozen=True, slots=True)
class PoolCount:
    """The nodes that a pool selects, by name. `free` is at most what can be had."""

    nodes: tuple[NodeCount, ...]
    devices: int
    placed: int
    others: int
    out_of_use: int
    free: int
    largest: int

    @property
    def in_use(self) -> int:
        return self.placed + self.others

    @property
    def by_placement(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for node in self.nodes:
            for placement, devices in node.holders:
                found[placement] = found.get(placement, 0) + devices
        return found

    @property
    def open_nodes(self) -> int:
        return sum(one.state is State.READY for one in self.nodes)


class Held:
    """What is held on each node, looked up by name."""

    def __init__(self, holdings: Iterable[Holding]) -> None:
        self._by_node: dict[str, list[Holding]] = defaultdict(list)
        for one in holdings:
            self._by_node[one.node].append(one)

    def on(self, node: str, resource: str) -> dict[str, int]:
        """Devices by placement; those that Waybill did not place, under the empty name."""
        found: dict[str, int] = {}
        for one in self._by_node.get(node, ()):
            count = one.devices.get(resource, 0)
            if count:
                found[one.placement] = found.get(one.placement, 0) + count
        return found


def count(wanted: Wanted, nodes: Iterable[Node], held: Held) -> PoolCount:
    """Of the nodes of one cluster, those that the pool selects."""
    found = [_node(wanted, node, held) for node in nodes if wanted.selects(node)]
    found.sort(key=lambda one: one.name)
    return PoolCount(
        tuple(found),
        devices=sum(one.devices for one in found),
        placed=sum(one.placed for one in found),
        others=sum(one.others for one in found),
        out_of_use=sum(one.out_of_use for one in found),
        free=sum(one.free for one in found),
        largest=max((one.free for one in found), default=0),
    )


def _node(wanted: Wanted, node: Node, held: Held) -> NodeCount:
    state, taint = _state(wanted, node)
    by_placement = held.on(node.name, wanted.resource)
    others = by_placement.pop("", 0)
    placed = sum(by_placement.values())
    working = node.allocatable.get(wanted.resource, 0)
    open_to_it = working if state is State.READY else 0
    return NodeCount(
        node.name,
        state,
        taint,
        devices=max(working, node.capacity.get(wanted.resource, 0)),
        placed=placed,
        others=others,
        free=max(0, open_to_it - placed - others),
        holders=tuple(sorted(by_placement.items())),
    )


def _state(wanted: Wanted, node: Node) -> tuple[State, str]:
    taint = wanted.repelled_by(node)
    if not node.is_ready:
        return State.NOT_READY, ""
    if node.is_cordoned:
        return State.CORDONED, ""
    if taint is None:
        return State.READY, ""
    if taint.key in _OF_READINESS:
        return State.NOT_READY, ""
    return (State.CORDONED, "") if taint.key == _CORDON else (State.TAINTED, taint.key)
