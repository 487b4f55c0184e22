"""Whose fields are whose: what other hands own of an object of ours, and what of it is shown."""

from typing import Any

import pytest

from inference import field_sets
from inference.manifests import HIDDEN

Object = dict[str, Any]


def entry(manager: str, fields: Object, operation: str = "Update", **more: str) -> Object:
    found = {"manager": manager, "operation": operation, "fieldsV1": fields}
    return found | {"time": "2026-06-01T12:00:00Z"} | more


def deployment(*entries: Object) -> Object:
    return {"metadata": {"managedFields": list(entries)}, "spec": {"replicas": 5, "paused": False}}


def foreign(live: Object) -> list[Object]:
    return field_sets.foreign_fields(live, field_sets.field_set_of(live))


def test_a_field_that_was_taken_tells_by_whom_and_what_stands_there() -> None:
    ours = entry("waybill", {"f:spec": {"f:paused": {}}}, "Apply")
    theirs = entry("kubectl", {"f:spec": {"f:replicas": {}}}, subresource="scale")

    assert foreign(deployment(ours, theirs)) == [
        {
            "path": ".spec.replicas",
            "manager": "kubectl",
            "time": "2026-06-01T12:00:00Z",
            "shared": False,
            "value": "5",
        }
    ]


def test_a_field_that_both_own_is_shared_and_comes_last() -> None:
    ours = entry("waybill", {"f:spec": {"f:paused": {}}}, "Apply")
    theirs = entry("helm", {"f:spec": {"f:paused": {}, "f:replicas": {}}})

    found = foreign(deployment(ours, theirs))

    assert [(one["path"], one["shared"]) for one in found] == [
        (".spec.replicas", False),
        (".spec.paused", True),
    ]


def test_what_controllers_write_into_the_status_is_nobodys_drift() -> None:
    ours = entry("waybill", {"f:spec": {"f:paused": {}}}, "Apply")
    status = entry("kube-controller-manager", {"f:status": {"f:a": {}}}, subresource="status")

    assert foreign(deployment(ours, status)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ('.spec.env[{"name":"HF_TOKEN"}].value', "hf_abc"),
        (".spec.args", ["--api-key=abc"]),
        (".data.password", "abc"),
    ],
)
def test_a_value_that_may_be_a_secret_is_hidden(path: str, value: Any) -> None:
    assert field_sets.shown(path, value) == HIDDEN


def test_a_long_value_is_cut() -> None:
    assert len(field_sets.shown(".spec.image", "x" * 1000)) == field_sets.LONGEST
