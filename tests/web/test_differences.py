"""From documents to fields in words, and to YAML: values and a table of cases."""

import pytest

from inference.web.differences import Edited, groups, yaml_lines

MODEL = {
    "title": "",
    "weights": "hf://a/b",
    "parallelism": {"tensor": 2, "pipeline": 1, "data": 1},
    "placements": [{"id": "1", "pool": "h100", "replicas": 4}],
    "environment": [{"name": "HF_HUB_OFFLINE", "value": "1"}],
}
ROUTE = {
    "members": [
        {"model": "a", "pool": "h100", "weight": 9},
        {"model": "b", "pool": "l40s", "weight": 1},
    ]
}


def fields(
    before: dict[str, object], after: dict[str, object], kind: str = "served-model"
) -> list[tuple[str, ...]]:
    found = groups(Edited("update", kind, "qwen", before, after))
    return [(group.title, one.label, one.was, one.now) for group in found for one in group.fields]


def test_replicas_of_a_placement_stand_under_it_with_their_accelerators() -> None:
    after = {**MODEL, "placements": [{"id": "1", "pool": "h100", "replicas": 6}]}

    found = groups(Edited("update", "served-model", "qwen", MODEL, after))

    assert [group.title for group in found] == ["Placement: qwen, h100"]
    assert (found[0].fields[0].was, found[0].fields[0].now) == ("4", "6")
    assert found[0].fields[0].effect == "+4 accelerators"


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("weights", "hf://a/c", ("Served model: qwen", "Weights", "hf://a/b", "hf://a/c")),
        ("context_length", 65536, ("Served model: qwen", "Context", "none", "65,536 tokens")),
        ("something_new", True, ("Served model: qwen", "Something new", "none", "on")),
    ],
)
def test_a_field_has_words_before_and_after(
    field: str, value: object, expected: tuple[str, ...]
) -> None:
    assert fields(MODEL, {**MODEL, field: value}) == [expected]


@pytest.mark.parametrize(
    ("part", "title", "told"),
    [
        ({"memory_percent": 92}, "Share of device memory", "92 %"),
        ({"objectives": {"availability": 9990}}, "Availability", "99.9 %"),
        ({"node_selector": {"nvidia.com/gpu.product": "H100"}},
         "Node selector nvidia.com/gpu.product", "H100"),
        ({"picker": {"plugins": [{"type": "queue-scorer", "weight": 2}]}},
         "Picker, plugins", "queue-scorer weight 2"),
        ({"tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}]},
         "Tolerations", "gpu:NoSchedule where it exists"),
        ({"tolerations": [{"key": "a", "operator": "Equal", "value": "b", "effect": "NoExecute"}]},
         "Tolerations", "a=b:NoExecute"),
    ],
)  # fmt: skip
def test_a_value_is_read_with_its_unit_and_names_of_others_as_they_spell_them(
    part: dict[str, object], title: str, told: str
) -> None:
    (group,) = groups(Edited("create", "served-model", "qwen", {}, part))

    assert [(one.label, one.now) for one in group.fields] == [(title, told)]
    assert group.is_new


def test_members_of_a_route_are_told_apart_by_name_not_by_place() -> None:
    turned = {"members": [ROUTE["members"][1], {**ROUTE["members"][0], "weight": 3}]}

    assert fields(ROUTE, turned, "route") == [("Member: qwen, a on h100", "Weight", "9", "3")]


def test_a_new_definition_lists_what_it_is_and_nothing_empty() -> None:
    found = groups(Edited("create", "served-model", "qwen", {}, MODEL))

    assert found[0].title == "New served model: qwen"
    assert "Title" not in [one.label for one in found[0].fields]
    assert all(one.was == "" for group in found for one in group.fields)


def test_a_deletion_says_so() -> None:
    found = groups(Edited("delete", "route", "chat", ROUTE, {}))

    assert [(group.title, group.fields[0].now) for group in found] == [("Route: chat", "deleted")]


def test_a_value_under_a_secret_name_is_hidden_on_both_faces() -> None:
    before = {**MODEL, "environment": [{"name": "HF_TOKEN", "value": "canary-1"}]}
    after = {**MODEL, "environment": [{"name": "HF_TOKEN", "value": "canary-2"}]}
    edited = Edited("update", "served-model", "qwen", before, after)

    shown = str(groups(edited)) + str(yaml_lines(edited))

    assert "canary" not in shown


def test_yaml_marks_what_goes_and_what_comes() -> None:
    after = {**MODEL, "weights": "hf://a/c"}

    lines = yaml_lines(Edited("update", "served-model", "qwen", MODEL, after))

    assert lines[0].look == "hunk"
    assert [one.text for one in lines if one.look == "del"] == ["- weights: hf://a/b"]
    assert [one.text for one in lines if one.look == "add"] == ["+ weights: hf://a/c"]
