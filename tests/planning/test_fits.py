"""Accelerators that a plan asks for, beside those that were counted."""

from typing import Any
from uuid import UUID

import pytest

from inference.capacity.counting import Held, Holding, Node, Wanted, count
from inference.errors import Refusal
from inference.manifests import Manifest, ObjectRef, canonical
from inference.messages import planning as messages
from inference.planning.fits import Supply, fits
from inference.planning.values import Check, Leftover, Origin, Seen, Step, Target
from inference.rendering.objects import PLACEMENT

GPU = "nvidia.com/gpu"
HERE, OTHER = UUID(int=2), UUID(int=3)
TARGET = Target("east", "identity", "prod")
AT = "2026-06-01T12:00:00+00:00"


def deployment(name: str = "qwen", replicas: int = 2, devices: int = 2) -> Manifest:
    container = {"resources": {"limits": {GPU: str(devices)}}}
    template = {"metadata": {"labels": {PLACEMENT: name}}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "llm", "uid": "u"},
        "spec": {"replicas": replicas, "template": template},
    }


def origin(placement: UUID = HERE) -> Origin:
    return Origin("east", "chat", "served-model", UUID(int=1), placement)


def seen(manifest: Manifest, placement: UUID = HERE) -> Seen:
    body = canonical(manifest)
    return Seen(origin(placement), ObjectRef.of(manifest), 1, body, "h", preview=manifest)


def supply(*held: Holding, free: tuple[int, ...] = (8, 8), **given: Any) -> Supply:
    """Nodes with so many devices in order each, and who holds some."""
    nodes = [
        Node(f"n{place}", {}, (), True, False, {GPU: 8}, {GPU: devices})
        for place, devices in enumerate(free)
    ]
    counted = count(Wanted(GPU, {}), nodes, Held(held))
    return Supply("h100", "east", GPU, **{"count": counted, "at": AT, **given})


def judged(found: Supply, *objects: Seen, leftovers: Any = (), steps: Any = ()) -> list[Check]:
    return fits({HERE: found, OTHER: found}, [TARGET], objects, leftovers, steps)


def said(check: Check) -> tuple[str, str]:
    return check.state, check.message.code


def test_enough_is_no_proof() -> None:
    (check,) = judged(supply(), seen(deployment(replicas=3)))

    assert said(check) == ("grey", messages.FITS_PERHAPS.code)
    assert "6 more needed, at most 16 of 16 free" in check.message.text(**check.params)


def test_what_is_held_already_is_not_needed_again() -> None:
    held = supply(Holding("n0", {GPU: 4}, "qwen"))

    assert said(judged(held, seen(deployment()))[0]) == ("green", messages.FITS_NO_MORE.code)
    assert judged(held, seen(deployment(replicas=3)))[0].params["need"] == 2


def test_too_few_is_amber_and_says_how_many() -> None:
    (check,) = judged(supply(free=(2, 1)), seen(deployment()))

    assert said(check) == ("amber", messages.FITS_TOO_FEW.code)
    assert (check.params["need"], check.params["free"], check.params["devices"]) == (4, 3, 16)


def test_a_replica_finds_its_devices_on_one_node() -> None:
    (check,) = judged(supply(free=(3, 3)), seen(deployment(replicas=1, devices=4)))

    assert said(check) == ("amber", messages.FITS_NO_NODE.code)
    assert (check.params["each"], check.params["room"]) == (4, 0)


def test_placements_share_a_pool() -> None:
    (check,) = judged(
        supply(free=(6,)), seen(deployment()), seen(deployment("llama"), placement=OTHER)
    )

    assert said(check) == ("amber", messages.FITS_TOO_FEW.code)
    assert check.params["need"] == 8


def test_what_goes_gives_back() -> None:
    gone = Leftover(origin(OTHER), ObjectRef.of(deployment("old")), 1, "u", deployment("old"))
    full = supply(Holding("n0", {GPU: 4}, "old"), free=(4,))

    (check,) = judged(full, seen(deployment()), leftovers=[gone])

    assert said(check) == ("green", messages.FITS_NO_MORE.code)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"count": None, "reason": "Nobody looks."}, messages.FITS_NOT_COUNTED.code),
        ({"reason": "Last seen long ago."}, messages.FITS_LAST_SEEN.code),
    ],
)
def test_what_is_not_counted_now_is_grey(given: dict[str, Any], code: str) -> None:
    (check,) = judged(supply(free=(1,), **given), seen(deployment()))

    assert said(check) == ("grey", code)
    assert given["reason"] in check.message.text(**check.params)


def test_memory_is_not_checked_where_pods_start_anew() -> None:
    ref = ObjectRef.of(deployment())
    made = Step(origin(), "create", ref, 1)
    grown = Step(origin(), "update", ref, 1, diff=({"path": "spec.replicas"},))

    assert [one.message for one in judged(supply(), seen(deployment()), steps=[made])][1:] == [
        messages.FITS_MEMORY_NOT_CHECKED
    ]
    assert len(judged(supply(), seen(deployment()), steps=[grown])) == 1


def test_a_plan_without_workloads_asks_for_nothing() -> None:
    assert said(fits({}, (), (), (), ())[0]) == ("green", messages.FITS_ASKS_NOTHING.code)


def test_a_pool_that_was_not_counted_for_it_is_said() -> None:
    (check,) = fits({}, (), [seen(deployment())], (), ())

    assert said(check) == ("grey", messages.FITS_NOT_CHECKED.code)


def test_a_cluster_that_was_not_asked_is_not_said_to_ask_for_nothing() -> None:
    silent = Target("east", "identity", "prod", problem=Refusal(messages.FRESH))

    (check,) = fits({}, [silent], (), (), ())

    assert said(check) == ("grey", messages.FITS_NOT_CHECKED.code)
