"""Devices as counts: what nodes offer, and what a pod holds as the scheduler counts it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from inference.observation.devices import LARGEST, amount, held, offered

GPU = "nvidia.com/gpu"
junk = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=8),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(
            some.sampled_from(["resources", "limits", "requests", GPU, "restartPolicy"])
            | some.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


def container(count: Any, **more: Any) -> dict[str, Any]:
    return {"resources": {"requests": {GPU: count, "cpu": "8"}}, **more}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("8", 8), (8, 8), ("0", 0), ("1k", 1000), ("2Ki", 2048), ("1e3", 1000), ("3E2", 300),
        ("500m", 0), ("-1", 0), (-1, 0), ("", 0), (None, 0), (True, 0), (1.5, 0), ("8 ", 0),
        ("٨", 0), ("9" * 16, min(int("9" * 16), LARGEST)), ("9e99", LARGEST),
    ],
)  # fmt: skip
def test_an_amount_is_a_whole_number_as_kubernetes_writes_it(value: Any, expected: int) -> None:
    assert amount(value) == expected


def test_only_devices_are_offered_and_not_without_end() -> None:
    cores = {"cpu": "192", "memory": "2Ti", "pods": "110", "hugepages-2Mi": "0"}
    own = {"attachable-volumes-csi": "1", "batch.kubernetes.io/x": "1"}

    found = offered({**cores, **own, GPU: "8", "rdma/ib": "1k"})
    many = offered({f"example.com/{number}": "1" for number in range(1000)})

    assert found == {GPU: 8, "rdma/ib": 1000}
    assert len(many) == 16


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"containers": [container("4"), container("2")]}, 6),
        ({"containers": [{"resources": {"limits": {GPU: "4"}}}]}, 4),
        ({"containers": [container("2")], "initContainers": [container("8")]}, 8),
        ({"containers": [container("4")], "initContainers": [container("2")]}, 4),
        # A sidecar goes on beside the containers, and beside what is initialised after it.
        (
            {
                "containers": [container("2")],
                "initContainers": [container("1", restartPolicy="Always"), container("4")],
            },
            5,
        ),
        (
            {
                "containers": [container("4")],
                "initContainers": [container("4"), container("1", restartPolicy="Always")],
            },
            5,
        ),
        ({"containers": [container("0")]}, 0),
        ({}, 0),
    ],
)
def test_a_pod_holds_what_the_scheduler_counts_for_it(spec: dict[str, Any], expected: int) -> None:
    assert held(spec).get(GPU, 0) == expected
    assert "cpu" not in held(spec)


@given(junk, junk)
def test_whatever_a_pod_says_is_counted_without_a_fault(containers: Any, starting: Any) -> None:
    found = held({"containers": containers, "initContainers": starting})

    assert all(0 < count <= LARGEST for count in found.values())
