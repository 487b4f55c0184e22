"""Numbers on pages: each with unit, age and the way back to its query, or why it is unknown."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inference.accounts.models import User
from inference.clusters.models import MetricsSource
from inference.health.measuring import SOURCE
from inference.health.signals import SIGNALS
from inference.messages import metrics as messages
from inference.observation.models import Reading
from inference.web import route_live, served_model_live
from inference.web.numbers import numbers_of
from inference.web.streams import rows_key
from tests.api.house import House, token_for
from tests.conftest import NOON
from tests.web.markup import words

Browse = Callable[[User | None], Client]
URL = "https://metrics.example"
QUERY = 'sum(vllm:num_requests_running{namespace="llm-chat"})'


def enter(house: House, **more: Any) -> MetricsSource:
    at = timezone.now().replace(microsecond=0)
    told = {"url": URL, "entered_at": NOON, "asked_at": timezone.now(), "read_at": at}
    return MetricsSource.objects.create(cluster=house.cluster, **{**told, **more})


def tell(house: House, subject: Any, value: float | None = 3.0, **more: Any) -> None:
    """A reading of every signal."""
    source = MetricsSource.objects.get()
    for key, signal in SIGNALS.items():
        told = {
            "cluster": house.cluster,
            "subject_kind": "placement",
            "subject_id": subject.pk,
            "signal": key,
            "unit": signal.unit,
            "value": source.read_at.timestamp() - 2 if key == "last-scrape" else value,
            "source": SOURCE,
            "name": signal.names[0],
            "query": QUERY,
            "at": source.read_at,
        }
        Reading.objects.create(**{**told, **more})


def page(house: House, user: User, browse: Browse, kind: str = "routes") -> str:
    row = house.route if kind == "routes" else house.model
    return browse(user).get(f"/{kind}/{row.team.name}/{row.name}/").content.decode()


def test_a_cluster_without_source_says_what_to_do(
    house: House, author: User, browse: Browse
) -> None:
    for kind in ("routes", "served-models"):
        text = words(page(house, author, browse, kind))

        assert "No metrics source: a platform engineer enters one" in text
        assert "unknown" in text


def test_each_number_leads_to_its_query_at_its_evaluation_time(
    house: House, author: User, browse: Browse
) -> None:
    source = enter(house)
    tell(house, house.placement)
    tell(house, house.route, subject_kind="route", params={"known": 1, "backends": 1})

    found = numbers_of([(house.placement.pk, house.cluster)])[house.placement.pk]
    text = page(house, author, browse)

    running = found.by_signal["requests-running"]
    assert source.read_at is not None
    asked = parse_qs(urlsplit(running.link).query)
    assert asked["g0.expr"] == [QUERY]
    assert asked["g0.moment_input"] == [f"{source.read_at:%Y-%m-%d %H:%M:%S}"]
    again = parse_qs(urlsplit(running.json).query)
    assert again == {"query": [QUERY], "time": [str(int(source.read_at.timestamp()))]}
    assert running.link.replace("&", "&amp;") in text
    assert f"evaluated at {source.read_at:%Y-%m-%d %H:%M:%S} UTC" in text


def test_a_number_leads_to_where_browsers_find_it(
    house: House, author: User, browse: Browse
) -> None:
    source = enter(house)
    MetricsSource.objects.update(browser_url="https://prometheus.example.com")
    tell(house, house.placement)

    found = numbers_of([(house.placement.pk, house.cluster)])[house.placement.pk]

    running = found.by_signal["requests-running"]
    assert running.link.startswith("https://prometheus.example.com/graph?")
    assert running.json.startswith("https://prometheus.example.com/api/v1/query?")
    assert source.url not in page(house, author, browse)


def test_replicas_have_numbers_of_their_own(house: House, author: User, browse: Browse) -> None:
    enter(house)
    tell(house, house.placement)
    tell(house, house.placement, value=7.0, replica="qwen3-abc-1")

    text = words(page(house, author, browse, "served-models"))

    assert "qwen3-abc-1 7 7 700 % 7.00 s 7 tokens/s 2 s before" in text


def test_what_is_unknown_says_why(house: House, author: User, browse: Browse) -> None:
    enter(house)
    names = {"names": "a, b"}
    tell(house, house.placement, None, code=messages.NO_NAME.code, params=names, query="", name="")

    text = words(page(house, author, browse, "served-models"))

    assert "None of its names is known there: a, b." in text


@pytest.mark.parametrize(
    ("read_ago", "scraped_before", "is_stale"),
    [(5, 2, False), (40, 2, True), (5, 60, True)],
)
def test_old_numbers_and_old_scrapes_are_grey(
    read_ago: int, scraped_before: int, is_stale: bool, house: House
) -> None:
    at = timezone.now().replace(microsecond=0) - timedelta(seconds=read_ago)
    enter(house, read_at=at)
    tell(house, house.placement)
    Reading.objects.filter(signal="last-scrape").update(value=at.timestamp() - scraped_before)

    found = numbers_of([(house.placement.pk, house.cluster)])[house.placement.pk]

    assert {one.is_stale for one in found.by_signal.values()} == {is_stale}


def test_a_source_that_fails_says_so_beside_its_last_numbers(
    house: House, author: User, browse: Browse
) -> None:
    enter(house, problem_code=messages.UNAUTHORIZED.code, problem_params={"status": 401})
    tell(house, house.placement)

    text = words(page(house, author, browse, "served-models"))

    assert "No new numbers. The metrics source refuses the token (401)" in text
    assert "Running 3" in text


def test_numbers_of_fifty_cost_two_queries(house: House) -> None:
    enter(house)
    tell(house, house.placement)
    ids = [house.placement.pk, house.route.pk, house.model.pk] * 17

    with CaptureQueriesContext(connection) as queries:
        numbers_of((one, house.cluster) for one in ids)

    assert len(queries) == 2


def test_platform_enters_checks_and_removes_a_source_on_the_page(
    house: House, platform: User, author: User, browse: Browse
) -> None:
    address = f"/clusters/{house.cluster.name}/"
    sent = {"version": "1", "url": "https://1.1.1.1/prometheus", "bearer": "canary-bearer"}

    denied = browse(author).post(f"{address}metrics/", sent)
    browser = browse(platform)
    browser.post(f"{address}metrics/", sent)
    shown = browser.get(address).content.decode()
    old = browser.post(f"{address}metrics/", {**sent, "url": "https://1.0.0.1"})
    checked = browser.post(f"{address}metrics-check/")
    browser.post(f"{address}metrics-remove/", {"version": "2"})

    assert denied.status_code == 403
    assert "https://1.1.1.1/prometheus" in shown
    assert "sealed, and sent to this address alone" in shown
    assert old.status_code == 409
    assert "https://1.0.0.1" in old.content.decode()
    assert "canary-bearer" not in shown + old.content.decode()
    assert checked.status_code == 302
    assert not MetricsSource.objects.exists()


def test_open_pages_follow_their_numbers_and_lists_do_not(house: House, author: User) -> None:
    route, model = str(house.route.pk), str(house.model.pk)
    _, _, listed = rows_key("route-rows", [house.route.pk]).partition(":")

    feeds = [
        route_live.route(author, route),
        served_model_live.served_model(author, model),
        route_live.route_rows(author, listed),
    ]

    told = [{one for one in feed.look()[0] if one.startswith("numbers:")} for feed in feeds if feed]
    assert told == [{f"numbers:{route}"}, {f"numbers:{model}"}, set()]


def test_a_warning_stands_at_the_number_and_its_text_in_the_detail(
    house: House, author: User, browse: Browse
) -> None:
    enter(house)
    said = {"warnings": ["partial response: <b>east-2</b>"], "infos": ["might not be a counter"]}
    tell(house, house.placement, params=said)
    tell(house, house.route, subject_kind="route", params={"known": 1, "backends": 2, **said})

    for kind in ("routes", "served-models"):
        text = page(house, author, browse, kind)

        assert "with a warning" in words(text)
        assert "Prometheus warns: partial response: &lt;b&gt;east-2" in text
        assert "Prometheus remarks: might not be a counter" in words(text)
    assert "1 of 2 backends, with a warning" in words(page(house, author, browse))


def test_infos_alone_are_no_warning(house: House, author: User, browse: Browse) -> None:
    enter(house)
    tell(house, house.placement, params={"infos": ["might not be a counter"]})

    assert "with a warning" not in words(page(house, author, browse, "served-models"))


def test_rest_tells_what_the_source_said(house: House, author: User, client: Client) -> None:
    enter(house)
    tell(house, house.placement, params={"warnings": ["partial response"]})
    bearer = {"Authorization": f"Bearer {token_for(author)}"}

    answer = client.get("/api/v1/readings/?signal=requests-running", headers=bearer).json()

    [reading] = answer["items"]
    assert (reading["warnings"], reading["infos"]) == (["partial response"], [])
