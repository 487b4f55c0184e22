"""What becomes of the bytes of a write: the words are those that a real server was heard to say."""

import json
from typing import Any

import pytest

from inference.simulator.decoding import conform_patched, decode, decode_applied
from inference.simulator.errors import ApiError
from inference.simulator.resources import Resource
from inference.simulator.schemas import RESOURCES
from tests.contract.samples import config_map, container, deployment, pool

KINDS = {resource.kind: resource for resource in RESOURCES}
REPEATED = b'{"data":{"a":"1","a":"2"},"metadata":{"name":"settings"}}'
HELD = 'ConfigMap in version "v1" cannot be handled as a ConfigMap: '


def written(obj: dict[str, Any]) -> bytes:
    return json.dumps(obj).encode()


def read(obj: dict[str, Any], validation: str = "Warn") -> tuple[dict[str, Any], list[str]]:
    return decode(written(obj), "application/json", KINDS[obj["kind"]], validation)


def refusal(body: bytes, resource: Resource, validation: str = "Warn") -> ApiError:
    with pytest.raises(ApiError) as caught:
        decode(body, "application/json", resource, validation)
    return caught.value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"1",
        b"[1]",
        b'"x"',
        b'{"apiVersion": "v1", ',
        b'{"a": 1} x',
        b'{"data":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"data": "\xff"}',
    ],
    ids=["empty", "number", "list", "text", "early end", "more", "deep", "no UTF-8"],
)
def test_what_is_no_object_is_refused(body: bytes) -> None:
    refused = refusal(body, KINDS["ConfigMap"])

    assert (refused.code, refused.reason) == (400, "BadRequest")
    assert refused.message.startswith(
        "the object provided is unrecognized (must be of type ConfigMap): "
    )


def test_another_kind_is_refused() -> None:
    refused = refusal(written(deployment("a")), KINDS["ConfigMap"])

    assert refused.code == 400
    assert refused.message.startswith(
        'Deployment in version "v1" cannot be handled as a ConfigMap: converting '
    )


def test_a_kind_that_is_not_said_is_the_one_of_the_path() -> None:
    obj, warnings = decode(b'{"metadata":{"name":"x"}}', "", KINDS["Deployment"])

    assert obj == {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}}
    assert warnings == []


def test_unknown_fields_are_told_in_their_order_and_left_out() -> None:
    planned = deployment("a", "engine", container(shape="round"), colour="green")
    planned["metadata"]["mood"] = "good"
    planned["wing"] = {"a": 1}

    obj, warnings = read(planned)

    assert warnings == [
        'unknown field "metadata.mood"',
        'unknown field "spec.template.spec.containers[0].shape"',
        'unknown field "spec.colour"',
        'unknown field "wing"',
    ]
    assert obj == deployment("a")


@pytest.mark.parametrize("obj", [deployment("a", colour="x"), pool("a", colour="x")])
def test_unknown_fields_are_passed_over_where_asked(obj: dict[str, Any]) -> None:
    found, warnings = read(obj, "Ignore")

    assert "colour" not in found["spec"]
    assert warnings == []


@pytest.mark.parametrize("obj", [deployment("a", colour="x"), pool("a", colour="x")])
def test_unknown_fields_are_refused_where_asked(obj: dict[str, Any]) -> None:
    refused = refusal(written(obj), KINDS[obj["kind"]], "Strict")

    assert refused.code == 400
    assert refused.message == (
        f'{obj["kind"]} in version "v1" cannot be handled as a {obj["kind"]}: '
        'strict decoding error: unknown field "spec.colour"'
    )


def test_a_repeated_key_is_told_by_its_path() -> None:
    obj, warnings = decode(REPEATED, "application/json", KINDS["ConfigMap"])
    refused = refusal(REPEATED, KINDS["ConfigMap"], "Strict")

    assert obj["data"] == {"a": "2"}
    assert warnings == ['duplicate field "data.a"']
    assert refused.message == f'{HELD}strict decoding error: duplicate field "data.a"'


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"replicas": "two"}, "string into Go struct field Deployment.spec.replicas of type int32"),
        (
            {"replicas": 1.5},
            "number 1.5 into Go struct field Deployment.spec.replicas of type int32",
        ),
        ({"replicas": True}, "bool into Go struct field Deployment.spec.replicas of type int32"),
        ({"paused": "yes"}, "string into Go struct field Deployment.spec.paused of type bool"),
        ({"template": []}, "array into Go struct field Deployment.spec.template of type struct"),
    ],
)
def test_a_value_of_another_type_is_refused(spec: dict[str, Any], why: str) -> None:
    refused = refusal(written(deployment("a", **spec)), KINDS["Deployment"])

    assert refused.code == 400
    assert refused.message.endswith(f"a Deployment: json: cannot unmarshal {why}")


def test_a_value_of_another_type_of_a_custom_kind_is_left_to_its_schema() -> None:
    obj, _ = read(pool("a", targetPorts="x"))

    assert obj["spec"]["targetPorts"] == "x"


def test_metadata_of_another_type_is_refused_for_every_kind() -> None:
    planned = pool("a")
    planned["metadata"]["labels"] = {"a": 1}

    refused = refusal(written(planned), KINDS["InferencePool"])

    assert refused.message.endswith(
        "json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string"
    )


def test_null_is_no_value() -> None:
    obj, _ = read({**config_map("a"), "binaryData": None})

    assert obj == config_map("a")


def test_yaml_keeps_times_as_they_are_written() -> None:
    text = b"metadata: {name: a}\ndata: {since: 2026-06-01, 7: x}\n"

    obj, _ = decode(text, "application/yaml", KINDS["ConfigMap"])

    assert obj["data"] == {"since": "2026-06-01", "7": "x"}


@pytest.mark.parametrize("body", [b"{{{", b"a: b\n\tc: d", b"[1]", b"- a"])
def test_an_apply_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(ApiError, match=r"^error decoding YAML: ") as caught:
        decode_applied(body)

    assert caught.value.code == 400


def test_an_apply_of_nothing_is_an_empty_object() -> None:
    assert decode_applied(b"") == ({}, [])


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (REPEATED, ['line 1: key "a" already set in map']),
        (
            b"data:\n  a: '1'\n  a: '2'\n  b: '1'\n  b: '1'\n",
            ['line 3: key "a" already set in map', 'line 5: key "b" already set in map'],
        ),
    ],
    ids=["JSON", "YAML"],
)
def test_a_repeated_key_of_an_apply_is_told_by_its_line(body: bytes, lines: list[str]) -> None:
    _, warnings = decode_applied(body)
    with pytest.raises(ApiError) as caught:
        decode_applied(body, "Strict")

    assert warnings == lines
    assert caught.value.message == "\n  ".join(
        [
            "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:",
            *lines,
        ]
    )


def test_what_a_patch_has_made_is_refused_as_a_patch() -> None:
    with pytest.raises(ApiError) as caught:
        conform_patched(KINDS["Deployment"], deployment("a", colour="x"), "Strict")

    assert caught.value.code == 422
    assert [cause["field"] for cause in caught.value.details["causes"]] == ["patch"]
    assert caught.value.message.startswith(' "" is invalid: patch: Invalid value: "{')
    assert caught.value.message.endswith('": strict decoding error: unknown field "spec.colour"')
