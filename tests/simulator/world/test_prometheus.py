"""The simulated Prometheus answers what the real one does, on the same pages, or refuses."""

import json
import math
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen
from uuid import UUID

import pytest

from inference.health import measurements, signals
from inference.health.measurements import Backend, Vector
from inference.simulator.world.engines.load import Load
from inference.simulator.world.prometheus.evaluating import evaluate
from inference.simulator.world.prometheus.grammar import NotUnderstood, parse
from inference.simulator.world.prometheus.prometheus import Prometheus
from inference.simulator.world.prometheus.samples import Samples
from inference.simulator.world.prometheus.targets import Target, targets
from tests.rendering.generator import MONITORS
from tests.requirements import ASSETS
from tests.servers import free_port
from tests.simulator.world.conftest import Town, apart, model, rendered

STEP, STEPS = 5, 60
Pages = dict[Target, list[str]]


def series(name: str, *points: tuple[float, float], **labels: str) -> Samples:
    samples = Samples()
    key = tuple(sorted({"__name__": name, **labels}.items()))
    for at, value in points:
        samples.scrape("target", at, {key: value})
    return samples


def worth(text: str, samples: Samples, at: float) -> list[float]:
    return list(evaluate(parse(text), samples, at).values())


def furnish(town: Town) -> list[Target]:
    """A model of two replicas and its picker, under a load that nobody sends."""
    town.push(*rendered(served=MONITORS, model=model(served_names=["qwen3"])))
    town.world.advance(60)
    town.world.load.set("qwen3", Load(requests_per_second=6.0, error_share=0.05))
    town.world.advance(30)
    return list(targets(town.world.prometheus._view))


def test_what_monitors_select_is_scraped_with_the_operators_labels(town: Town) -> None:
    there = furnish(town)

    engines = [dict(one.labels) for one in there if "service" not in dict(one.labels)]
    (picker,) = [dict(one.labels) for one in there if "service" in dict(one.labels)]
    name = engines[0]["waybill_placement"]
    assert {one["pod"] for one in engines} == {
        pod["metadata"]["name"] for pod in town.pods() if "-epp-" not in pod["metadata"]["name"]
    }
    assert {one["job"] for one in engines} == {f"{engines[0]['namespace']}/{name}"}
    assert engines[0]["llm_d_ai_role"] == "prefill-decode"
    assert picker["job"] == picker["service"] == f"{name}-epp"
    assert picker["waybill_placement"] == name
    assert picker["endpoint"] == "http-metrics"


def test_a_rate_is_that_of_the_counter_through_its_new_beginnings() -> None:
    steady = series("c_total", *((t, 2.0 * t) for t in range(0, 65, 5)))
    restarted = series(
        "c_total", *((t, 2.0 * t if t < 30 else 2.0 * (t - 30)) for t in range(0, 61, 5))
    )

    assert worth("rate(c_total[1m])", steady, 60.0) == [pytest.approx(2.0)]
    assert worth("rate(c_total[1m])", restarted, 60.0) == [pytest.approx(2.0, rel=0.1)]
    assert worth("rate(c_total[1m])", series("c_total", (0, 1.0)), 10.0) == []


def test_a_series_ends_when_its_target_does_not_tell_of_it_any_more() -> None:
    samples = series("up", (0, 1.0))

    before = worth("up", samples, 4.0)
    samples.scrape("target", 5.0, {})

    assert (before, worth("up", samples, 6.0)) == ([1.0], [])


def test_a_sample_speaks_for_five_minutes() -> None:
    samples = series("up", (0, 1.0))

    assert worth("up", samples, 299.0) == [1.0]
    assert worth("up", samples, 301.0) == []
    assert worth("timestamp(up)", samples, 200.0) == [0.0]


@pytest.mark.parametrize(
    "text",
    [
        *("", "avg(up)", "rate(up)", "up offset 5m", "up + 1", "up[1m]", "irate(up[1m])", "{}"),
        *("sum without (pod) (up)", "up{pod}", 'up{pod="', "1", "sum(up", "up or 1", "2 * up"),
        *('up{pod=~"("}', "(" * 50 + "up" + ")" * 50, "topk(3, up)", "up == 1", "rate(up[5x])"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        evaluate(parse(text), series("up", (0, 1.0)), 1.0)


def test_a_refusal_is_told_as_prometheus_tells_it(town: Town) -> None:
    status, body = town.world.prometheus._query("topk(3, up)", "")

    assert (status, body["status"], body["errorType"]) == (400, "error", "bad_data")


@pytest.mark.prometheus
def test_the_same_pages_give_the_same_answers(town: Town, tmp_path: Path) -> None:
    there, base = furnish(town), int(time.time()) - STEP * STEPS
    pages = apart(recorded(town, there, base))
    (place,) = {measurements.place(one.labels) for one in there}

    with real(tmp_path, pages, base) as ask:
        for at in (base + STEP * STEPS - 1, base + 203.7, base + 122):
            vector = ask(signals.discovery(), at)
            asked = measurements.questions(
                measurements.found(vector), [Backend(UUID(int=1), place)]
            )
            queries = [signals.discovery(), *(one.query for one in asked)]

            told = {query: ask(query, at) for query in queries}
            simulated = {query: answered(town.world.prometheus, query, at) for query in queries}

            assert len([one for one in told.values() if one]) >= 20
            for query in queries:
                assert set(simulated[query]) == set(told[query]), query
                for labels, value in told[query].items():
                    assert simulated[query][labels] == pytest.approx(value, rel=1e-9), query


async def recorded(town: Town, there: list[Target], base: int) -> Pages:
    """What each page said every five seconds; the simulated Prometheus sees the same."""
    pages: Pages = {one: [] for one in there}
    for step in range(STEPS):
        town.world.advance(STEP)
        for target in there:
            page = await town.world.prometheus.page(target)
            assert page is not None
            pages[target].append(page)
        await town.world.prometheus.scrape(base + step * STEP)
    return pages


def answered(prometheus: Prometheus, query: str, at: float) -> Vector:
    status, body = prometheus._query(query, str(at))
    assert status == 200, body
    return numbers(body)


def numbers(body: Any) -> Vector:
    rows = body["data"]["result"]
    found = {tuple(sorted(one["metric"].items())): float(one["value"][1]) for one in rows}
    return {labels: value for labels, value in found.items() if not math.isnan(value)}


@contextmanager
def real(folder: Path, pages: Pages, base: int) -> Iterator[Any]:
    """A real Prometheus that has scraped `pages`, each sample at the time that it bears."""
    listed = list(pages)
    told = dict.fromkeys(range(len(listed)), 0)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            number = int(self.path.removeprefix("/"))
            step = min(told[number], STEPS - 1)
            told[number] += 1
            stamp = (base + step * STEP) * 1000
            lines = pages[listed[number]][step].splitlines()
            body = "\n".join(one if one.startswith("#") else f"{one} {stamp}" for one in lines)
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(f"{body}\n".encode())

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    jobs = [
        {
            "job_name": str(number),
            "metrics_path": f"/{number}",
            "static_configs": [
                {"targets": [f"127.0.0.1:{server.server_port}"], "labels": dict(target.labels)}
            ],
        }
        for number, target in enumerate(listed)
    ]
    settings = {"global": {"scrape_interval": "100ms", "scrape_timeout": "100ms"}}
    (folder / "prometheus.yml").write_text(json.dumps({**settings, "scrape_configs": jobs}))
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [
            ASSETS / "prometheus",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={address}",
            "--log.level=error",
        ]
    )
    try:
        deadline = time.monotonic() + 60
        while min(told.values()) < STEPS + 3:
            assert time.monotonic() < deadline
            time.sleep(0.1)

        def ask(query: str, at: float) -> Vector:
            given = urlencode({"query": query, "time": at})
            with urlopen(f"http://{address}/api/v1/query?{given}", timeout=10) as answer:
                return numbers(json.load(answer))

        yield ask
    finally:
        process.terminate()
        process.wait(20)
        server.shutdown()
        server.server_close()
