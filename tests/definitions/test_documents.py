"""Documents: every mistake at its path, nothing lost on the way through, no secret let in."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.definitions.documents import document_of, parse
from inference.definitions.engine_words import SET_BY_WAYBILL, VARIABLES_OF_WAYBILL
from inference.errors import Invalid

PLACEMENT = {"id": str(UUID(int=1)), "pool": "h100", "replicas": 1}
MODEL: dict[str, Any] = {"weights": "hf://Qwen/Qwen3-32B", "served_names": ["qwen3"]}
POOL: dict[str, Any] = {
    "cluster": "east",
    "accelerator": {"vendor": "nvidia", "product": "H100", "memory_mib": 95830},
    "resource": "nvidia.com/gpu",
    "devices_per_node": 8,
}
ROUTE: dict[str, Any] = {
    "gateway": {"cluster": "east", "namespace": "gw", "name": "llm"},
    "hostname": "chat.example.com",
    "members": [{"model": "qwen", "pool": "h100"}],
}
ADAPTER = {"name": "bot", "uri": "hf://acme/bot"}
WHOLE = {"hardware-pool": POOL, "served-model": MODEL, "route": ROUTE}


def faults(kind: str, **fields: Any) -> dict[str, str]:
    """Path and code of the first fault at each path."""
    with pytest.raises(Invalid) as refusal:
        parse(kind, {**WHOLE[kind], **fields})
    return {path: found[0].code for path, found in refusal.value.fields.items()}


@pytest.mark.parametrize("kind", WHOLE)
def test_the_least_document_is_enough_and_survives(kind: str) -> None:
    spec = parse(kind, WHOLE[kind])

    assert parse(kind, document_of(spec)) == spec


def test_every_mistake_is_named_at_once_and_at_its_path() -> None:
    found = faults(
        "served-model",
        weights="ftp://x",
        served_names=[],
        context_length=1.5,
        colour="red",
        placements=[{"id": "?", "pool": "A B", "replicas": -1}],
    )

    assert found == {
        "weights": "weights-scheme",
        "served_names": "field-length",
        "context_length": "field-type",
        "colour": "field-unknown",
        "placements.0.id": "field-type",
        "placements.0.pool": "name-form",
        "placements.0.replicas": "field-range",
    }


@pytest.mark.parametrize("flag", sorted(SET_BY_WAYBILL))
def test_an_argument_that_follows_from_a_field_is_refused(flag: str) -> None:
    assert faults("served-model", arguments=[f"{flag}=1"]) == {"arguments": "argument-is-ours"}
    assert faults("served-model", arguments=[flag.replace("-", "_").replace("__", "--", 1)]) == {
        "arguments": "argument-is-ours"
    }


@pytest.mark.parametrize(
    "variable",
    [
        {"name": "HF_TOKEN", "value": "x"},
        {"name": "DB_PASSWORD", "value": "x"},
        {"name": "PLAIN", "value": "hf_" + "a" * 30},
        {"name": "PLAIN", "value": "AKIA" + "A" * 16},
        {"name": "PLAIN", "value": "-----BEGIN RSA PRIVATE KEY"},
    ],
)
def test_a_literal_that_looks_like_a_secret_is_refused(variable: dict[str, str]) -> None:
    assert faults("served-model", environment=[variable]) == {"environment.0": "secret-literal"}


@pytest.mark.parametrize("name", sorted(VARIABLES_OF_WAYBILL))
def test_a_variable_that_waybill_sets_is_refused(name: str) -> None:
    variable = {"name": name, "value": ""}

    assert faults("served-model", environment=[variable]) == {"environment.0": "variable-is-ours"}


@pytest.mark.parametrize("field", ["environment", "adapters"])
def test_what_a_server_takes_by_name_stands_once(field: str) -> None:
    one = {"name": "LOG", "value": "a"} if field == "environment" else ADAPTER

    assert faults("served-model", **{field: [one, one]}) == {field: "name-twice"}


@pytest.mark.parametrize(
    ("weights", "adapter"),
    [
        ("hf://Qwen/Qwen3-32B", "pvc://cache/lora"),
        ("pvc://cache/qwen3", "pvc://other/lora"),
        ("oci://models.example.com/qwen:1", "oci://models.example.com/lora:1"),
    ],
)
def test_an_adapter_that_no_volume_brings_is_refused(weights: str, adapter: str) -> None:
    given = [{**ADAPTER, "uri": adapter}]

    found = faults("served-model", weights=weights, adapters=given)

    assert found == {"adapters": "adapter-not-mounted"}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"resource": "memory"}, {"resource": "resource-form"}),
        ({"resource": "kubernetes.io/gpu"}, {"resource": "resource-form"}),
        ({"rdma": {"resource": "cpu"}}, {"rdma": "resource-form"}),
        ({"rdma": {"resource": "nvidia.com/gpu"}}, {"rdma": "name-twice"}),
        ({"tolerations": [{"key": "a", "value": "b"}]}, {"tolerations.0": "toleration-value"}),
        ({"tolerations": [{"operator": "Equal"}]}, {"tolerations.0": "toleration-key"}),
        ({"node_selector": {f"a{n}": "" for n in range(51)}}, {"node_selector": "field-length"}),
    ],
)
def test_a_pool_that_no_node_could_be_of_is_refused(
    fields: dict[str, Any], found: dict[str, str]
) -> None:
    assert faults("hardware-pool", **fields) == found


def test_nodes_without_devices_need_no_device() -> None:
    accelerator = {"vendor": "cpu", "product": "EPYC", "memory_mib": 1}

    parse("hardware-pool", {**POOL, "accelerator": accelerator, "resource": "cpu"})


@pytest.mark.parametrize(
    ("parameters", "path"),
    [({"a": "b" * 501}, "a.constrained-str"), ({f"a{n}": n for n in range(31)}, "")],
)
def test_parameters_of_a_plugin_have_limits(parameters: dict[str, Any], path: str) -> None:
    picker = {"plugins": [{"type": "queue-scorer", "parameters": parameters}]}

    found = faults("served-model", picker=picker)

    assert found[f"picker.plugins.0.parameters.{path}".rstrip(".")] == "field-length"


def test_a_list_with_a_wrong_item_is_not_called_short() -> None:
    assert faults("route", members=[{"model": "A", "pool": "h100"}]) == {
        "members.0.model": "name-form"
    }


def test_a_version_that_is_no_tag_of_an_image_is_refused() -> None:
    assert "engine_version" in str(faults("served-model", engine_version="v1 rc"))


def test_a_secret_in_an_argument_is_refused() -> None:
    assert faults("served-model", arguments=["--hf-token=abc"]) == {"arguments": "secret-literal"}


@pytest.mark.parametrize(
    ("placement", "code"),
    [
        ({"replicas": None}, "replicas-or-range"),
        ({"range": {"least": 1, "most": 2}}, "replicas-or-range"),
        ({"replicas": None, "range": {"least": 3, "most": 2}}, "range-order"),
    ],
)
def test_replicas_are_a_number_or_a_range(placement: dict[str, Any], code: str) -> None:
    found = faults("served-model", placements=[{**PLACEMENT, **placement}])

    assert list(found.values()) == [code]


def test_a_model_stands_once_on_a_pool() -> None:
    twice = [PLACEMENT, {**PLACEMENT, "id": str(UUID(int=2))}]

    assert faults("served-model", placements=twice) == {"placements": "pool-twice"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"members": []}, "field-length"),
        ({"members": [{"model": "qwen", "pool": "h100", "weight": 0}]}, "weights-all-zero"),
        ({"members": ROUTE["members"] * 2}, "name-twice"),
        ({"hostname": "chat example"}, "field-pattern"),
        ({"hostname": "chat..example.com"}, "field-pattern"),
        ({"path_prefix": "/a/../b c"}, "field-pattern"),
        ({"path_prefix": "/a/../b"}, "field-pattern"),
        ({"public_names": ["chat", "chat"]}, "name-twice"),
    ],
)
def test_a_route_that_no_gateway_could_take_is_refused(fields: dict[str, Any], code: str) -> None:
    assert list(faults("route", **fields).values()) == [code]


@pytest.mark.parametrize("name", ["", "Qwen", "1qwen", "qwen-", "a" * 41, "qwen/3", "qwen\n"])
def test_a_name_beyond_the_form_is_refused(name: str) -> None:
    assert faults("hardware-pool", cluster=name) == {"cluster": "name-form"}


@pytest.mark.parametrize(
    "weights",
    [
        *("hf://--api-key=x", "hf://a b", "hf://a\nb", "hf://", "s3://é", "ftp://a"),
        *("pvc:///x", "pvc://Cache/x", "pvc://cache/../x"),
    ],
)
def test_weights_are_an_address_and_no_argument(weights: str) -> None:
    assert faults("served-model", weights=weights)["weights"] == "weights-scheme"


@pytest.mark.parametrize("price", ["2,40", "-1", "1e3", "", "free", "1\n"])
def test_a_price_is_decimal_text(price: str) -> None:
    found = faults("hardware-pool", price_per_device_hour=price)

    assert found == {"price_per_device_hour": "price-form"}


def test_a_price_stands_in_quotes() -> None:
    found = faults("hardware-pool", price_per_device_hour=2.4)

    assert found == {"price_per_device_hour": "field-type"}


def test_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(Invalid, match="is no definition"):
        parse("deployment", {})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(
    st.sampled_from(sorted(WHOLE)),
    st.dictionaries(
        st.sampled_from(["weights", "members", "placements", "cluster", "gateway", "x"]),
        json_values,
    ),
)
def test_no_document_does_worse_than_being_refused(kind: str, fields: dict[str, Any]) -> None:
    try:
        spec = parse(kind, {**WHOLE[kind], **fields})
    except Invalid as refusal:
        said = [str(one) for found in refusal.fields.values() for one in found]
    else:
        said = ["taken"] if parse(kind, document_of(spec)) == spec else []

    assert said
    assert all(said)
