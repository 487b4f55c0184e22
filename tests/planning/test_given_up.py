"""A field that is ours and that a plan gives up is part of what the decision is about."""

import copy
from typing import Any

from inference.planning.values import Seen
from tests.planning.test_plans import FIELDS, live, plan, seen


def given_up(tier: str, hand: str = "") -> Seen:
    """The label `tier` is ours, or a hand's, and what is planned leaves it out."""
    labels = {"app": "qwen", "tier": tier}
    ours: Any = copy.deepcopy(FIELDS)
    if not hand:
        ours["f:metadata"]["f:labels"]["f:tier"] = {}
    owned = {"manager": "waybill", "operation": "Apply", "fieldsV1": ours}
    left = {"app": "qwen"} if not hand else labels
    return seen(live=live(labels=labels, managedFields=[owned]), preview=live(3, labels=left))


def test_what_is_given_up_and_was_set_by_a_hand_since_moves_the_hash() -> None:
    """Who approved has read that it goes; it stays as the hand has set it."""
    approved, now = plan(given_up("batch")), plan(given_up("online", hand="kubectl"))

    assert [one["path"] for one in approved.steps[0].diff] == [
        "metadata.labels.tier",
        "spec.replicas",
    ]
    assert [one["path"] for one in now.steps[0].diff] == ["spec.replicas"]
    assert approved.hash != now.hash


def test_plans_of_one_hash_expect_to_see_the_same() -> None:
    """A plan that comes out again keeps its steps: were they to expect what is no more, their
    change would be planned anew for ever."""
    approved, now = plan(given_up("batch")), plan(given_up("batch", hand="kubectl"))

    assert approved.steps[0].seen_hash != now.steps[0].seen_hash
    assert approved.hash != now.hash
