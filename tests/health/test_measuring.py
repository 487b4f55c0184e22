"""Asking a metrics source: what is written down, what is not known and why, and its budget."""

import json
import socket
import time
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inference.clusters import metrics_sources
from inference.clusters.models import Cluster, EgressRange, MetricsSource
from inference.definitions.models import Placement, Route, ServedModel
from inference.errors import Refusal
from inference.events.models import Notice
from inference.health import measuring, prometheus
from inference.health.measuring import SETTLED, SOURCE, measure
from inference.health.prometheus import Asking, Door
from inference.health.signals import SIGNALS
from inference.messages import metrics as messages
from inference.observation.models import Reading
from inference.simulator.certificates import Authority
from inference.simulator.world.prometheus.samples import Samples
from tests.conftest import NOON
from tests.constraints.rows import furnish
from tests.health.sources import Answer, over, source, vector

House = dict[type, Any]
LOOPBACK = [ip_network("127.0.0.0/8")]


@pytest.fixture
def house(db: None) -> House:
    found = furnish()
    Reading.objects.all().delete()
    Notice.objects.all().delete()
    EgressRange.objects.get_or_create(cidr="127.0.0.0/8", defaults={"reason": "tests"})
    return found


def enter(house: House, url: str, **more: Any) -> MetricsSource:
    MetricsSource.objects.all().delete()
    return MetricsSource.objects.create(cluster=house[Cluster], url=url, entered_at=NOON, **more)


def samples_of(*placements: Placement, at: float | None = None) -> Samples:
    """A minute of a vLLM: each second a request more, of one replica, with 3 running."""
    samples, now = Samples(), int(at or time.time())
    for placement in placements:
        own = {
            "namespace": placement.namespace,
            "waybill_placement": placement.object_name,
            "pod": f"{placement.object_name}-1",
        }
        for second in range(now - 120, now, 5):
            page = {
                _key("vllm:num_requests_running", own): 3.0,
                _key("vllm:num_requests_waiting", own): 0.0,
                _key("vllm:request_success_total", {**own, "finished_reason": "stop"}): float(
                    second - now + 1000
                ),
            }
            samples.scrape(placement.object_name, second, page)
    return samples


def _key(name: str, labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({**labels, "__name__": name}.items()))


def number(subject: Any, signal: str, replica: str = "") -> Reading:
    return Reading.objects.get(subject_id=subject.pk, signal=signal, replica=replica, source=SOURCE)


def test_a_number_is_written_down_with_unit_query_name_and_evaluation_time(house: House) -> None:
    placement = house[Placement]
    with source(over(samples_of(placement))) as there:
        enter(house, there.url)
        again = measure(str(house[Cluster].pk))

    running = number(placement, "requests-running")
    rate = number(placement, "request-rate")
    assert (running.value, running.unit, running.name) == (
        3.0,
        "requests",
        "vllm:num_requests_running",
    )
    assert rate.value == pytest.approx(1.0, rel=0.01)
    assert number(placement, "requests-running", f"{placement.object_name}-1").value == 3.0
    (at,) = {one for _, one in there.asked}
    assert running.at.timestamp() == at == int(at)
    assert time.time() - at >= SETTLED.total_seconds()
    assert again == settings.MEASURE_EVERY


def test_asking_again_with_the_query_and_the_time_gives_the_same_value(house: House) -> None:
    with source(over(samples_of(house[Placement]))) as there:
        enter(house, there.url)
        measure(str(house[Cluster].pk))
        known = list(Reading.objects.filter(value__isnull=False))

        with Asking(Door(there.url), LOOPBACK) as asking:
            again = [list(asking.query(one.query, one.at.timestamp()).values()) for one in known]

    assert len(known) > 6
    assert again == [[one.value] for one in known]


def test_a_route_has_the_numbers_of_its_backends(house: House) -> None:
    with source(over(samples_of(house[Placement]))) as there:
        enter(house, there.url)
        measure(str(house[Cluster].pk))

    assert number(house[Route], "requests-running").value == 3.0
    assert number(house[Route], "kv-cache-use").code == messages.NO_BACKEND.code


def test_what_no_name_answers_is_unknown(house: House) -> None:
    with source(over(samples_of(house[Placement]))) as there:
        enter(house, there.url)
        measure(str(house[Cluster].pk))

    found = number(house[Placement], "kv-cache-use")
    assert (found.value, found.code) == (None, messages.NO_NAME.code)
    assert {one.signal for one in Reading.objects.filter(replica="")} == set(SIGNALS)


def test_as_many_requests_and_looks_for_twenty_placements_as_for_one(house: House) -> None:
    def asked(*placements: Placement) -> tuple[int, int]:
        with source(over(samples_of(*placements))) as there:
            enter(house, there.url)
            with CaptureQueriesContext(connection) as queries:
                measure(str(house[Cluster].pk))
            looks = [one for one in queries if one["sql"].startswith("SELECT")]
            return len(there.asked), len(looks)

    one = asked(house[Placement])
    twenty = asked(*_twenty(house))

    assert one == twenty


def _twenty(house: House) -> list[Placement]:
    made = [house[Placement]]
    for count in range(19):
        model = ServedModel.objects.get(pk=house[ServedModel].pk)
        model.pk, model.name = None, f"model-{count}"
        model.id = Placement._meta.pk.get_default()
        model.save(force_insert=True)
        row = Placement.objects.get(pk=house[Placement].pk)
        row.pk = Placement._meta.pk.get_default()
        row.served_model, row.object_name = model, f"object-{count}"
        row.save(force_insert=True)
        made.append(row)
    return made


def test_each_definition_is_announced_once_for_each_asking(house: House) -> None:
    with source(over(samples_of(house[Placement]))) as there:
        enter(house, there.url)
        measure(str(house[Cluster].pk))

    told = sorted(name for one in Notice.objects.all() for name in one.names.split())
    assert told == sorted(
        [
            f"metrics:{house[Cluster].pk}",
            f"numbers:{house[Route].pk}",
            f"numbers:{house[ServedModel].pk}",
        ]
    )


def html(_query: str, _at: float) -> Answer:
    return 200, {"Content-Type": "text/html"}, b"<html>Welcome</html>"


def status(code: int, body: bytes = b"", **headers: str) -> Callable[[str, float], Answer]:
    return lambda _query, _at: (code, headers, body)


BAD_DATA = json.dumps({"status": "error", "errorType": "bad_data", "error": "parse error"}).encode()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (html, messages.NOT_PROMETHEUS),
        (status(404, b"404 page not found"), messages.NOT_PROMETHEUS),
        (status(302, Location="http://169.254.169.254/"), messages.NOT_PROMETHEUS),
        (status(200, b"[" * 100_000), messages.NOT_PROMETHEUS),
        (status(200, b'{"status":"success","data":{"resultType":"matrix","result":[]}}'),
         messages.NOT_PROMETHEUS),
        (status(401), messages.UNAUTHORIZED),
        (status(403), messages.UNAUTHORIZED),
        (status(400, BAD_DATA), messages.REFUSED),
        (status(422, BAD_DATA), messages.REFUSED),
        (status(400, b"<html>"), messages.NOT_PROMETHEUS),
        (status(503), messages.FAILED),
        (status(200, b" " * (prometheus.LARGEST + 1)), messages.TOO_LARGE),
        (lambda _query, at: vector({}, at), messages.NO_SERIES),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(house: House, answer: Any, message: Any) -> None:
    with source(answer) as there:
        enter(house, there.url)
        measure(str(house[Cluster].pk))

    found = MetricsSource.objects.get()
    assert found.problem_code == message.code
    assert found.asked_at is not None
    assert not Reading.objects.filter(value__isnull=False).exists()
    assert len(there.asked) <= 1


def test_where_nobody_listens_it_is_unreachable(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    enter(house, f"http://127.0.0.1:{port}")

    measure(str(house[Cluster].pk))

    assert MetricsSource.objects.get().problem_code == messages.UNREACHABLE.code


def test_an_address_that_may_not_be_dialled_is_not_dialled(house: House) -> None:
    EgressRange.objects.all().delete()
    with source(html) as there:
        enter(house, there.url)
        measure(str(house[Cluster].pk))

    assert MetricsSource.objects.get().problem_code == messages.NOT_DIALLED.code
    assert there.asked == []


def test_a_source_that_never_answers_costs_no_more_than_its_budget() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        door = Door(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with (
            pytest.raises(Refusal, match="within"),
            Asking(door, LOOPBACK, seconds=0.3) as asking,
        ):
            asking.query("up", 1)


def test_the_last_numbers_stay_with_their_age_when_the_source_fails(house: House) -> None:
    with source(over(samples_of(house[Placement]))) as there:
        enter(house, there.url)
        measure(str(house[Cluster].pk))
    read_at = MetricsSource.objects.get().read_at

    measure(str(house[Cluster].pk))

    found = MetricsSource.objects.get()
    assert found.problem_code == messages.UNREACHABLE.code
    assert found.read_at == read_at
    assert number(house[Placement], "requests-running").at == read_at


def test_an_answer_that_comes_after_the_source_was_changed_is_nobodys(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with source(over(samples_of(house[Placement]))) as there:
        enter(house, there.url)
        before = measuring.measurements.measure

        def late(*arguments: Any) -> Any:
            MetricsSource.objects.update(entered_at=NOON.replace(year=2027))
            return before(*arguments)

        monkeypatch.setattr(measuring.measurements, "measure", late)
        measure(str(house[Cluster].pk))

    assert not Reading.objects.exists()
    assert MetricsSource.objects.get().asked_at is None


def test_without_a_source_there_is_nothing_left_to_do(house: House) -> None:
    MetricsSource.objects.all().delete()

    assert measure(str(house[Cluster].pk)) is None


def test_a_token_is_sent_to_the_source_that_has_the_ca(house: House, tmp_path: Path) -> None:
    authority = Authority()
    pair = authority.server("127.0.0.1")
    files = (tmp_path / "cert.pem", tmp_path / "key.pem")
    for file, text in zip(files, (pair.certificate, pair.key), strict=True):
        file.write_text(text)
    samples = over(samples_of(house[Placement]))

    with source(samples, files) as there:
        row = enter(house, there.url, ca_pem=authority.pem)
        _seal(row, "the-bearer")
        measure(str(house[Cluster].pk))
        trusted = MetricsSource.objects.get().problem_code
        MetricsSource.objects.update(ca_pem=Authority().pem)
        measure(str(house[Cluster].pk))

    assert trusted == ""
    assert {one["authorization"] for one in there.headers} == {"Bearer the-bearer"}
    assert MetricsSource.objects.get().problem_code == messages.NOT_TRUSTED.code


def test_a_source_that_echoes_the_token_does_not_get_it_shown(house: House, tmp_path: Path) -> None:
    body = json.dumps({"status": "error", "error": "who is the-bearer?"}).encode()
    with (
        source(status(400, body)) as there,
        Asking(Door(there.url, bearer="the-bearer"), LOOPBACK) as asking,
        pytest.raises(Refusal, match="redacted") as refused,
    ):
        asking.query("up", 1)

    assert "the-bearer" not in str(refused.value)


def _seal(row: MetricsSource, bearer: str) -> None:
    made = metrics_sources.sealing.seal(bearer.encode(), metrics_sources._bound_to(row.cluster, 0))
    row.key_id, row.wrapped_key, row.sealed = made.key_id, made.wrapped_key, made.sealed
    row.save()
