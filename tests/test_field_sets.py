"""Whose fields are whose: what other hands own of an object of ours, and what of it is shown."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import field_sets
from inference.manifests import HIDDEN, digest

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


LEAVES = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-1, 1) | st.text("ab.é", max_size=2)
)
VALUES = st.recursive(
    LEAVES,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from("ab."), part),
)
KEYS = st.sampled_from(
    [".", "f:a", "f:b", "f:.", "f:a.b", 'k:{"a":1}', 'k:{"a":"b","b":0}', "k:{}", "v:1", 'v:"a"']
)
FIELDS = st.recursive(st.just({}), lambda part: st.dictionaries(KEYS, part, max_size=4))


def leaves(value: Any, fields: Object, path: str = "") -> Iterator[tuple[str, Any]]:
    """The meaning of a field set, word for word: each name is looked up where it stands."""
    parts = {key: part for key, part in fields.items() if key != "."}
    if not parts:
        yield path, value
    for key, part in parts.items():
        kind, _, name = key.partition(":")
        for below in found(value, kind, name):
            step = f".{name}" if kind == "f" else f"[{name}]"
            yield from leaves(below, part, path + step)


def found(value: Any, kind: str, name: str) -> list[Any]:
    """The one part that is meant, or none."""
    if kind == "f":
        return [value[name]] if isinstance(value, dict) and name in value else []
    items, wanted = value if isinstance(value, list) else [], json.loads(name)
    if kind == "v":
        return [wanted] if wanted in items else []
    maps = [item for item in items if isinstance(item, dict)]
    return [item for item in maps if all(item.get(k) == v for k, v in wanted.items())][:1]


@given(VALUES, FIELDS)
def test_values_are_those_that_each_name_leads_to(value: Any, fields: Object) -> None:
    expected = dict(leaves(value, fields))

    assert field_sets.values_of(value, fields) == expected
    spelled = {path: json.dumps(part, sort_keys=True) for path, part in expected.items()}
    assert field_sets.values_hash(value, fields) == digest(spelled)


@pytest.mark.parametrize(
    ("path", "spelt"),
    [
        (".spec.replicas", ".spec.replicas"),
        (".metadata.labels.app.kubernetes.io/name", ".metadata.labels.app.kubernetes.io/name"),
        ('.spec.containers[{"name":"a]b"}].image', '.spec.containers[name="a]b"].image'),
        (
            '.spec.ports[{"protocol":"TCP","containerPort":8000}].name',
            '.spec.ports[containerPort=8000,protocol="TCP"].name',
        ),
        ('.metadata.finalizers["a/b"]', '.metadata.finalizers[="a/b"]'),
        (".spec.args[0]", ".spec.args[0]"),
        (".spec.args[", ".spec.args["),
    ],
)
def test_a_path_is_spelt_as_servers_name_conflicts(path: str, spelt: str) -> None:
    assert field_sets.in_a_conflict(path) == spelt


def test_an_item_is_the_one_with_all_of_the_keys() -> None:
    items = [{"a": "b", "b": 1, "c": 1}, {"a": "b", "b": 0, "c": 2}, {"a": "b", "b": 0, "c": 3}]
    fields = {"f:a": {'k:{"a":"b","b":0}': {".": {}, "f:c": {}}}}

    assert field_sets.values_of({"a": items}, fields) == {'.a[{"a":"b","b":0}].c': 2}


@pytest.mark.parametrize("key", ["k:[1]", "k:none", "k:1", "v:{", "x:a", "", "f", "k:"])
def test_what_is_no_name_of_a_field_leads_to_nothing(key: str) -> None:
    assert field_sets.values_of({"a": [1, {}]}, {"f:a": {key: {}}}) == {}


def test_a_field_set_that_holds_no_map_ends_there() -> None:
    assert field_sets.values_of({"a": {"b": 1}}, {"f:a": 5}) == {".a": {"b": 1}}


def test_hashes_that_are_stored_stay_true() -> None:
    live = {"spec": {"args": ["--a", "ü"], "n": 0.5, "ports": [{"port": 80, "name": "http"}]}}
    ports = {'k:{"port":80}': {".": {}, "f:name": {}, "f:port": {}}}
    fields = {"f:spec": {"f:args": {}, "f:n": {}, "f:ports": ports}}

    assert (
        field_sets.values_hash(live, fields)
        == "69f9694f58fb4603b25a3e73f8dd0f40b751a9a06c19fa2ea2aeb66fab13c159"
    )
