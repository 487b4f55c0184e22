"""Asking a metrics source: what is written down, what is not known, and at what price."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inference.clusters import metrics_sources
from inference.clusters.models import Cluster, MetricsSource
from inference.definitions.models import Placement, Route, ServedModel
from inference.health.measuring import SETTLED, measure
from inference.health.prometheus import Asking, Door
from inference.health.remarks import LONGEST
from inference.health.signals import SIGNALS
from inference.messages import metrics as messages
from inference.observation.models import Reading
from inference.simulator.certificates import Authority
from tests.health.numbers import LOOPBACK, House, enter, installed, number, samples_of
from tests.health.sources import Answer, over, source

ANNOUNCING = re.compile("pg_notify|inference_notice")


@pytest.fixture
def house(db: None) -> House:
    return installed()


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
            again = [
                list(asking.query(one.query, one.at.timestamp()).vector.values()) for one in known
            ]

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
            looks = [
                one["sql"]
                for one in queries
                if one["sql"].startswith("SELECT") and "pg_notify" not in one["sql"]
            ]
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
        with CaptureQueriesContext(connection) as queries:
            measure(str(house[Cluster].pk))

    notices = [one["sql"] for one in queries if ANNOUNCING.search(one["sql"])]
    assert sorted(re.findall(r"(?:metrics|numbers):[0-9a-f-]+", " ".join(notices))) == sorted(
        [
            f"metrics:{house[Cluster].pk}",
            f"numbers:{house[Route].pk}",
            f"numbers:{house[ServedModel].pk}",
        ]
    )


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


def _seal(row: MetricsSource, bearer: str) -> None:
    made = metrics_sources.sealing.seal(bearer.encode(), metrics_sources._bound_to(row.cluster, 0))
    row.key_id, row.wrapped_key, row.sealed = made.key_id, made.wrapped_key, made.sealed
    row.save()


def warned(answer: Callable[[str, float], Answer], about: str) -> Callable[[str, float], Answer]:
    """The same, of which a part is missing where the query is `about` this."""

    def tell(query: str, at: float) -> Answer:
        status, headers, body = answer(query, at)
        told = json.loads(body)
        if about in query:
            told |= {"warnings": [PARTIAL, "a\u202e\n" + "b" * 9000, 7], "infos": [COUNTER]}
        return status, headers, json.dumps(told).encode()

    return tell


PARTIAL = "partial response: store east-2 did not answer Bearer s3cret-of-ours"
COUNTER = "PromQL info: metric might not be a counter (1:6)"


def test_what_a_source_warns_of_is_kept_with_the_numbers_that_it_is_about(house: House) -> None:
    placement, route = house[Placement], house[Route]
    answer = warned(over(samples_of(placement)), "num_requests_running")
    with source(answer) as there:
        enter(house, there.url)
        measure(str(house[Cluster].pk))

    replica = f"{placement.object_name}-1"
    warned_of = [
        number(placement, "requests-running"),
        number(placement, "requests-running", replica),
        number(route, "requests-running"),
    ]
    for reading in warned_of:
        assert reading.value == 3.0
        first, second = reading.params["warnings"]
        assert first == "partial response: store east-2 did not answer [redacted]"
        assert second.startswith("a b")
        assert len(second) <= LONGEST
        assert reading.params["infos"] == [COUNTER]
    assert "warnings" not in number(placement, "requests-waiting").params


def test_where_the_list_of_series_was_not_whole_what_is_unknown_says_so(house: House) -> None:
    placement = house[Placement]
    with source(warned(over(samples_of(placement)), "count")) as there:
        enter(house, there.url)
        measure(str(house[Cluster].pk))

    unknown = number(placement, "kv-cache-use")
    assert (unknown.value, unknown.code) == (None, messages.NO_NAME.code)
    assert len(unknown.params["warnings"]) == 2
