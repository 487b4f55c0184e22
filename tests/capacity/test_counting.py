"""Accelerators of a pool: every device is counted once, and what is free is never too little."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from inference.capacity.counting import (
    Held,
    Holding,
    Node,
    PoolCount,
    State,
    Taint,
    Toleration,
    Wanted,
    count,
)

GPU = "nvidia.com/gpu"
H100 = {"gpu": "h100"}
POOL = Wanted(GPU, H100)

taints = some.builds(
    Taint,
    some.sampled_from(["gpu", "team", GPU, "node.kubernetes.io/unschedulable"]),
    some.sampled_from(["", "a"]),
    some.sampled_from(["NoSchedule", "NoExecute", "PreferNoSchedule"]),
)
tolerations = some.builds(
    Toleration,
    some.sampled_from(["", "gpu", "team"]),
    some.sampled_from(["Exists", "Equal"]),
    some.sampled_from(["", "a"]),
    some.sampled_from(["", "NoSchedule", "NoExecute"]),
)
counts = some.dictionaries(some.sampled_from([GPU, "amd.com/gpu"]), some.integers(0, 16))
nodes_of_a_cluster = some.lists(
    some.builds(
        Node,
        some.sampled_from([f"node-{number}" for number in range(8)]),
        some.sampled_from([H100, {}, {"gpu": "l4"}]),
        some.lists(taints, max_size=2).map(tuple),
        some.booleans(),
        some.booleans(),
        counts,
        counts,
    ),
    max_size=6,
    unique_by=lambda node: node.name,
)
pods = some.lists(
    some.builds(
        Holding,
        some.sampled_from([f"node-{number}" for number in range(9)]),
        counts,
        some.sampled_from(["", "qwen", "llama"]),
    ),
    max_size=8,
)
pools = some.builds(
    Wanted,
    some.just(GPU),
    some.sampled_from([H100, {}]),
    some.lists(tolerations, max_size=2).map(tuple),
)


def node(name: str = "node-1", devices: int = 8, **more: object) -> Node:
    offered = {GPU: devices}
    return replace(Node(name, H100, (), True, False, offered, offered), **more)


def counted(*nodes: Node, pods: tuple[Holding, ...] = (), wanted: Wanted = POOL) -> PoolCount:
    return count(wanted, nodes, Held(pods))


def test_devices_are_in_use_by_whom_they_are_held_or_free() -> None:
    pods = (
        Holding("node-1", {GPU: 4}, "qwen"),
        Holding("node-1", {GPU: 1}),
        Holding("node-2", {GPU: 2}, "qwen"),
        Holding("node-2", {"rdma/ib": 1}),
        Holding("elsewhere", {GPU: 8}),
    )

    found = counted(node("node-2"), node(), pods=pods)

    assert (found.devices, found.placed, found.others, found.free) == (16, 6, 1, 9)
    assert (found.largest, found.out_of_use, found.open_nodes) == (6, 0, 2)
    assert [one.name for one in found.nodes] == ["node-1", "node-2"]
    assert found.nodes[0].holders == (("qwen", 4),)


@pytest.mark.parametrize(
    ("changed", "state", "free"),
    [
        ({"is_ready": False}, State.NOT_READY, 0),
        ({"is_cordoned": True}, State.CORDONED, 0),
        ({"taints": (Taint("team", "research", "NoSchedule"),)}, State.TAINTED, 0),
        ({"taints": (Taint("team", "research", "NoExecute"),)}, State.TAINTED, 0),
        ({"taints": (Taint("team", "research", "PreferNoSchedule"),)}, State.READY, 6),
        ({"taints": (Taint(GPU, "present", "NoSchedule"),)}, State.READY, 6),
        (
            {"taints": (Taint("node.kubernetes.io/unreachable", "", "NoExecute"),)},
            State.NOT_READY,
            0,
        ),
        ({"allocatable": {GPU: 5}}, State.READY, 3),
        ({"allocatable": {}}, State.READY, 0),
    ],
)
def test_what_is_closed_or_out_of_order_is_not_free(
    changed: dict[str, object], state: State, free: int
) -> None:
    found = counted(node(**changed), pods=(Holding("node-1", {GPU: 2}, "qwen"),))

    assert found.nodes[0].state is state
    assert (found.free, found.out_of_use) == (free, 6 - free)
    assert found.placed == 2


def test_a_pool_selects_by_every_label_or_whatever_has_the_resource() -> None:
    plain = node("plain", labels={})
    empty = node("empty", devices=0)

    assert [one.name for one in counted(node(), plain, empty).nodes] == ["empty", "node-1"]
    anywhere = counted(node(), plain, empty, wanted=Wanted(GPU, {}))
    assert [one.name for one in anywhere.nodes] == ["node-1", "plain"]


@pytest.mark.parametrize(
    ("toleration", "covers"),
    [
        (Toleration("", "Exists", "", ""), True),
        (Toleration("team", "Exists", "", ""), True),
        (Toleration("team", "Exists", "", "NoSchedule"), True),
        (Toleration("team", "Exists", "", "NoExecute"), False),
        (Toleration("team", "Equal", "a", ""), True),
        (Toleration("team", "Equal", "b", ""), False),
        (Toleration("other", "Exists", "", ""), False),
        (Toleration("", "Equal", "", ""), False),
    ],
)
def test_a_toleration_covers_what_kubernetes_says_it_does(
    toleration: Toleration, covers: bool
) -> None:
    assert toleration.covers(Taint("team", "a", "NoSchedule")) is covers


def test_a_document_of_a_pool_says_what_it_wants() -> None:
    made = Wanted.by(
        {
            "resource": GPU,
            "node_selector": H100,
            "tolerations": [{"key": "team", "operator": "Exists"}],
        }
    )

    assert made == Wanted(GPU, H100, (Toleration("team", "Exists", "", ""),))
    assert Wanted.by({"resource": GPU}) == Wanted(GPU, {})


@given(pools, nodes_of_a_cluster, pods)
def test_every_device_is_counted_once(
    wanted: Wanted, nodes: list[Node], pods: list[Holding]
) -> None:
    found = count(wanted, nodes, Held(pods))

    for one in found.nodes:
        parts = one.placed + one.others + one.out_of_use + one.free
        assert parts == max(one.devices, one.placed + one.others)
        assert one.placed == sum(devices for _, devices in one.holders)
    for name in ("devices", "placed", "others", "out_of_use", "free"):
        assert getattr(found, name) == sum(getattr(one, name) for one in found.nodes)
    assert found.largest <= found.free


@given(pools, nodes_of_a_cluster, pods, pods)
def test_seeing_more_pods_never_frees_a_device(
    wanted: Wanted, nodes: list[Node], pods: list[Holding], more: list[Holding]
) -> None:
    few, many = count(wanted, nodes, Held(pods)), count(wanted, nodes, Held([*pods, *more]))

    assert many.free <= few.free
    assert many.in_use >= few.in_use


@given(pools, nodes_of_a_cluster, pods)
def test_closing_nodes_frees_none_and_takes_none_away(
    wanted: Wanted, nodes: list[Node], pods: list[Holding]
) -> None:
    before = count(wanted, nodes, Held(pods))

    closed = [replace(one, is_cordoned=True) for one in nodes]
    after = count(wanted, closed, Held(pods))

    assert after.free == 0
    assert (after.devices, after.in_use) == (before.devices, before.in_use)


@given(pools, nodes_of_a_cluster, pods, some.randoms())
def test_order_does_not_matter(
    wanted: Wanted, nodes: list[Node], pods: list[Holding], random: object
) -> None:
    before = count(wanted, nodes, Held(pods))

    random.shuffle(nodes)
    random.shuffle(pods)

    assert count(wanted, nodes, Held(pods)) == before
