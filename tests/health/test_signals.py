"""Which names are asked for, by engine and version, and what comes of the answers."""

import csv
from uuid import UUID

import pytest

from inference.health import measurements, signals
from inference.health.measurements import Answered, Backend, Face, Labels, Measurement, Vector
from inference.health.signals import ENGINE, SIGNALS
from inference.messages import metrics as messages
from tests.requirements import SHARED

A = Backend(UUID(int=1), ("llm-chat", "qwen3-aaaa"))
B = Backend(UUID(int=2), ("llm-chat", "qwen3-bbbb"))
ROUTE = UUID(int=3)
OLD_RUNNING, NEW_KV, OLD_KV = (
    "vllm:num_requests_running",
    "vllm:kv_cache_usage_perc",
    "vllm:gpu_cache_usage_perc",
)


def labelled(backend: Backend, **more: str) -> Labels:
    namespace, name = backend.place
    return tuple(sorted({"namespace": namespace, "waybill_placement": name, **more}.items()))


def there(**series: tuple[Backend, ...]) -> measurements.Found:
    vector: Vector = {
        labelled(backend, __name__=f"vllm:{name}"): 1.0
        for name, backends in series.items()
        for backend in backends
    }
    return measurements.found(vector)


def measured(
    found: measurements.Found, values: dict[str, dict[Labels, float]], *faces: Face
) -> dict[tuple[UUID, str, str], Measurement]:
    """By subject, replica and signal; `values` by query."""
    asked = measurements.questions(found, [A, B])
    answers = {one: Answered(values.get(one.query, {})) for one in asked}
    made = measurements.measure(found, answers, [A, B], faces)
    return {(one.subject, one.replica, one.signal.key): one for one in made}


@pytest.mark.shared
def test_every_release_of_vllm_has_a_name_for_each_signal_that_it_has_at_all() -> None:
    text = (SHARED / "metrics" / "names_vllm_by_version.tsv").read_text()
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    exported: dict[str, set[str]] = {}
    for row in rows:
        suffix = "_count" if row["type"] == "histogram" else ""
        for version in row["versions_checked_with_metric"].split(","):
            exported.setdefault(version, set()).add(row["exported_name"] + suffix)
    releases = [one for one in exported if one[:1].isdigit()]

    lacking = {
        (version, signal.key)
        for version in releases
        for signal in ENGINE
        if signal.answered_by(exported[version]) is None
    }

    assert len(releases) == 15
    assert lacking == set()


def test_no_name_answers_is_unknown_and_says_which_were_asked_for() -> None:
    one = measured({}, {})[A.id, "", "kv-cache-use"]

    assert (one.value, one.message, one.query) == (None, messages.NO_NAME, "")
    assert one.params == {"names": f"{NEW_KV}, {OLD_KV}"}


def test_a_name_without_a_value_is_unknown_and_not_nought() -> None:
    found = there(request_success_total=(A,))

    one = measured(found, {})[A.id, "", "error-share"]

    assert (one.value, one.message) == (None, messages.NO_VALUE)
    assert one.name == "vllm:request_success_total"
    assert one.query


def test_the_newest_name_that_is_there_answers_and_is_named() -> None:
    found = there(kv_cache_usage_perc=(A,), gpu_cache_usage_perc=(A, B))
    new = f'max by (namespace, waybill_placement) ({NEW_KV}{{waybill_placement!=""}})'
    old = f'max by (namespace, waybill_placement) ({OLD_KV}{{waybill_placement!=""}})'
    values = {new: {labelled(A): 0.5}, old: {labelled(A): 0.9, labelled(B): 0.25}}

    made = measured(found, values)

    assert (made[A.id, "", "kv-cache-use"].name, made[A.id, "", "kv-cache-use"].value) == (
        NEW_KV,
        0.5,
    )
    assert (made[B.id, "", "kv-cache-use"].name, made[B.id, "", "kv-cache-use"].value) == (
        OLD_KV,
        0.25,
    )


def test_each_number_has_the_query_that_gives_it_alone() -> None:
    found = there(num_requests_running=(A,))
    by = "namespace, waybill_placement"
    everything = f'{OLD_RUNNING}{{waybill_placement!=""}}'
    values = {
        f"sum by ({by}) ({everything})": {labelled(A): 3.0},
        f"sum by ({by}, pod) ({everything})": {
            labelled(A, pod="qwen3-aaaa-1"): 1.0,
            labelled(A, pod="qwen3-aaaa-2"): 2.0,
        },
    }

    made = measured(found, values)

    of = 'namespace="llm-chat",waybill_placement="qwen3-aaaa"'
    whole, replica = (
        made[A.id, "", "requests-running"],
        made[A.id, "qwen3-aaaa-2", "requests-running"],
    )
    assert (whole.value, whole.query) == (3.0, f"sum by ({by}) ({OLD_RUNNING}{{{of}}})")
    assert replica.value == 2.0
    assert replica.query == f'sum by ({by}, pod) ({OLD_RUNNING}{{{of},pod="qwen3-aaaa-2"}})'


def test_a_route_is_what_its_backends_come_to_by_one_query() -> None:
    found = there(num_requests_running=(A, B), kv_cache_usage_perc=(A,), gpu_cache_usage_perc=(B,))
    by = "namespace, waybill_placement"
    every = '{waybill_placement!=""}'
    values = {
        f"sum by ({by}) ({OLD_RUNNING}{every})": {labelled(A): 3.0, labelled(B): 4.0},
        f"max by ({by}) ({NEW_KV}{every})": {labelled(A): 0.5},
        f"max by ({by}) ({OLD_KV}{every})": {labelled(B): 0.75},
    }

    made = measured(found, values, Face(ROUTE, (A, B)))

    running, cache = made[ROUTE, "", "requests-running"], made[ROUTE, "", "kv-cache-use"]
    both = 'namespace="llm-chat",waybill_placement=~"qwen3-aaaa|qwen3-bbbb"'
    assert (running.value, running.query) == (
        7.0,
        f"sum(sum by ({by}) ({OLD_RUNNING}{{{both}}}))",
    )
    assert running.params == {"known": 2, "backends": 2, "merge": "sum"}
    assert cache.value == 0.75
    assert cache.name == f"{NEW_KV}, {OLD_KV}"
    assert " or " in cache.query


def test_a_route_says_how_many_of_its_backends_are_known() -> None:
    found = there(num_requests_running=(A,))
    query = f'sum by (namespace, waybill_placement) ({OLD_RUNNING}{{waybill_placement!=""}})'

    made = measured(found, {query: {labelled(A): 3.0}}, Face(ROUTE, (A, B)))

    assert made[ROUTE, "", "requests-running"].params["known"] == 1
    assert made[ROUTE, "", "requests-waiting"].message is messages.NO_BACKEND


def test_as_many_questions_for_fifty_placements_as_for_one() -> None:
    many = [Backend(UUID(int=n), ("llm-chat", f"model-{n}")) for n in range(50)]
    names = signals.series()
    vector = {labelled(one, __name__=name): 1.0 for one in many for name in names}
    found = measurements.found(vector)

    one, fifty = measurements.questions(found, many[:1]), measurements.questions(found, many)

    assert one == fifty
    assert len(one) == len(SIGNALS) + sum(signal.by_replica for signal in SIGNALS.values())
