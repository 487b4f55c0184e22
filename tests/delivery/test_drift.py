"""What differs from what was pushed: which field, by whose hand, and from what to what."""

import json
from datetime import UTC, datetime
from typing import Any

from inference.delivery import drift
from inference.delivery.drift import Taken
from inference.messages import delivery as messages

BODY = json.dumps({"spec": {"replicas": 2, "paused": False}})
PUSHED = {"f:spec": {"f:replicas": {}, "f:paused": {}}}


def owned(path: str, value: str, **more: Any) -> dict[str, Any]:
    found = {"path": path, "manager": "kubectl", "time": "2026-06-01T12:00:00Z", "shared": False}
    return found | {"value": value} | more


def test_a_field_that_somebody_set_is_told_from_what_to_what() -> None:
    (found,) = drift.compare(BODY, PUSHED, [owned(".spec.replicas", "5")])

    assert found == Taken(
        "spec.replicas", "kubectl", datetime(2026, 6, 1, 12, tzinfo=UTC), "2", "5"
    )
    assert found.message is messages.FIELD_CHANGED


def test_a_field_that_somebody_holds_at_our_value_is_said_to_be_held() -> None:
    (found,) = drift.compare(BODY, PUSHED, [owned(".spec.replicas", "2")])

    assert found.message is messages.FIELD_HELD


def test_fields_that_we_never_set_or_still_share_are_no_drift() -> None:
    others = [owned(".spec.selector", "x"), owned(".spec.paused", "false", shared=True)]

    assert list(drift.compare(BODY, PUSHED, others)) == []


def test_a_time_that_cannot_be_read_is_left_out() -> None:
    (found,) = drift.compare(BODY, PUSHED, [owned(".spec.replicas", "5", time="yesterday")])

    assert found.at is None
