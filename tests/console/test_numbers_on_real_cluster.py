"""Numbers of real engines and pickers under load: asking Prometheus again gives the same values."""

import json
import math
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from html import unescape
from http.client import HTTPConnection
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest

from console.cli.rest import Rest
from tests import cluster, demo
from tests.cluster import Cluster
from tests.demo import Demo

pytestmark = [pytest.mark.cluster, pytest.mark.prometheus]

HOST, MODEL = "chat.east.example.com", "qwen3-32b"
CLIENTS = 12
SLOW = {"time-to-first-token": "300ms", "inter-token-latency": "30ms", "max-num-seqs": "2"}
PATIENCE = 150
ASKED_OF_EACH = {
    *("requests-running", "requests-waiting", "kv-cache-use", "ttft-p50", "ttft-p95"),
    *("itl-p50", "itl-p95", "request-rate", "prompt-token-rate", "generation-token-rate"),
    *("last-scrape", "picker-request-rate", "picker-error-share", "picker-duration-p95"),
    *("picker-endpoints", "picker-queue"),
}
"""What the kit's engines and picker tell of; that engine has no prefix cache, and counts errors
under another label."""


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster.running(tmp_path_factory.mktemp("cluster")) as running:
        running.scenario({"container": "modelserver", "flags": SLOW})
        yield running


@pytest.fixture(scope="module")
def console(kit: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """With the cluster's own Prometheus as its metrics source."""
    with demo.running(tmp_path_factory.mktemp("demo"), clusters=[kit.kubeconfig]) as running:
        platform = Rest(running.address, running.token("platform"))
        version = platform.get("/clusters/east/")["version"]
        platform.put("/clusters/east/metrics-source/", {"url": kit.prometheus}, version=version)
        yield running


@pytest.fixture(scope="module")
def readings(kit: Cluster, console: Demo) -> Iterator[list[dict[str, Any]]]:
    """The newest, once every number that there can be is known; the load goes on meanwhile."""
    author = Rest(console.address, console.token("author"))
    with load(gateway_of(Rest(console.address, console.token("platform")))):
        yield until_known(author)


def gateway_of(platform: Rest) -> tuple[str, int]:
    (row,) = platform.get("/live-objects/", {"kind": "Gateway", "cluster": "east"})["items"]
    summary = row["summary"]
    return summary["addresses"][0], summary["listeners"][0]["port"]


@contextmanager
def load(gateway: tuple[str, int]) -> Iterator[None]:
    """So many clients at the gateway, each with one request after the other, until it is over."""
    over = threading.Event()

    def ask() -> None:
        body = {
            "model": MODEL,
            "max_tokens": 24,
            "messages": [{"role": "user", "content": "Tell me of caches. " * 8}],
        }
        while not over.is_set():
            connection = HTTPConnection(*gateway, timeout=20)
            try:
                headers = {"Host": HOST, "Content-Type": "application/json"}
                connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
                connection.getresponse().read()
            except OSError:
                over.wait(0.2)
            finally:
                connection.close()

    clients = [threading.Thread(target=ask, daemon=True) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        yield
    finally:
        over.set()
        for client in clients:
            client.join(30)


def until_known(author: Rest) -> list[dict[str, Any]]:
    route = author.get("/routes/")["items"][0]
    subjects = [route["id"], *(one["placement"] for one in route["members"])]
    deadline = time.monotonic() + PATIENCE
    while True:
        found = [one for subject in subjects for one in newest(author, subject)]
        known = {(one["subject_id"], one["signal"]) for one in found if one["value"] is not None}
        lacking = {(one, signal) for one in subjects for signal in ASKED_OF_EACH} - known
        if not lacking:
            return found
        assert time.monotonic() < deadline, sorted(lacking)
        time.sleep(2)


def newest(author: Rest, subject: str) -> list[dict[str, Any]]:
    page = author.get("/readings/", {"subject": subject, "limit": "100"})
    rows = [one for one in page["items"] if one["source"] == "prometheus"]
    return [one for one in rows if one["at"] == rows[0]["at"]]


def again(url: str, query: str, at: float) -> list[float]:
    """What Prometheus says now of then."""
    asked = urlencode({"query": query, "time": f"{at:.0f}"})
    with urlopen(f"{url}/api/v1/query?{asked}", timeout=20) as answer:  # noqa: S310  (loopback)
        rows = json.load(answer)["data"]["result"]
    return [float(one["value"][1]) for one in rows]


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_asking_again_gives_the_value_of_every_reading(
    kit: Cluster, readings: list[dict[str, Any]]
) -> None:
    known = [one for one in readings if one["value"] is not None]

    asked = [again(kit.prometheus, one["query"], moment(one["at"])) for one in known]

    assert len(known) >= 3 * len(ASKED_OF_EACH)
    assert {one["replica"] for one in known} > {""}
    for one, values in zip(known, asked, strict=True):
        assert values == [pytest.approx(one["value"], rel=1e-12)], one["query"]


def test_the_load_is_seen(readings: list[dict[str, Any]]) -> None:
    route = {one["signal"]: one["value"] for one in readings if one["subject_kind"] == "route"}

    assert route["requests-running"] > 0
    assert route["requests-waiting"] > 0
    assert route["picker-request-rate"] > 0
    assert route["generation-token-rate"] > 0
    assert route["ttft-p95"] >= 0.3
    assert route["picker-error-share"] == 0
    assert route["picker-endpoints"] == 3


@pytest.mark.parametrize("page", ["/routes/chat/chat-east/", "/served-models/chat/qwen3-east/"])
def test_every_number_on_a_page_links_the_query_and_time_that_give_it(
    page: str, kit: Cluster, console: Demo, readings: list[dict[str, Any]]
) -> None:
    del readings
    text = signed_in(console)(page)
    links = {unescape(one) for one in re.findall(r'href="([^"]+/graph\?[^"]+)"', text)}
    shown = re.findall(
        r'<code[^>]*>([^<]+)</code></dd>\s*<dd class="src">evaluated at (\S+ \S+) UTC · ([^<·]+) ·',
        text,
    )
    by_query = {unescape(query): (at, value.strip()) for query, at, value in shown}

    assert len(links) >= len(ASKED_OF_EACH)
    for link in links:
        asked = parse_qs(urlsplit(link).query)
        at = moment(f"{asked['g0.moment_input'][0]}+00:00")
        values = again(kit.prometheus, asked["g0.expr"][0], at)
        value = next((one for one in values if math.isfinite(one)), None)
        if asked["g0.expr"][0] in by_query:
            assert reads_as(value, *by_query[asked["g0.expr"][0]], at), link
        else:
            assert value is not None, link


def reads_as(value: float | None, at: str, text: str, moment_asked: float) -> bool:
    """Whether the page's words for a number are those for this value, to their last digit."""
    assert moment(f"{at}+00:00") == moment_asked
    number, _, unit = text.partition(" ")
    if value is None or not number[:1].isdigit():
        return value is None and text == "no value"
    scale = {"ms": 1000.0, "%": 100.0}.get(unit, 1.0)
    expected = moment_asked - value if unit == "s before" else value * scale
    digits = len(number.partition(".")[2])
    return bool(abs(float(number) - expected) <= 0.5 * 10**-digits + 1e-9)


def signed_in(console: Demo) -> Any:
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    form = opener.open(f"{console.address}/sign-in/", timeout=20).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token
    sent = {
        "username": "author",
        "password": console.password("author"),
        "csrfmiddlewaretoken": token[1],
    }
    headers = {"Referer": f"{console.address}/sign-in/"}
    request = Request(  # noqa: S310  (loopback)
        f"{console.address}/sign-in/", urlencode(sent).encode(), headers
    )
    opener.open(request, timeout=20).read()
    return lambda path: opener.open(f"{console.address}{path}", timeout=20).read().decode()
