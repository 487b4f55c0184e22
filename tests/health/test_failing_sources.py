"""Sources that fail, lie, come late or may not be asked: what is said, and what stays."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from inference.clusters.models import Cluster, EgressRange, MetricsSource
from inference.definitions.models import Placement
from inference.errors import Refusal
from inference.health import measuring, prometheus
from inference.health.measuring import measure
from inference.health.prometheus import Asking, Door
from inference.messages import metrics as messages
from inference.observation.models import Reading
from tests.conftest import NOON
from tests.contract.authorities import Authority
from tests.health.gateways import nowhere
from tests.health.numbers import LOOPBACK, House, enter, installed, number, samples_of
from tests.health.sources import Answer, over, source, vector


@pytest.fixture
def house(db: None) -> House:
    return installed()


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


def test_a_budget_that_ends_in_a_greeting_ends_what_follows(tmp_path: Path) -> None:
    """It closes after each answer, greets late the second time, and then drips."""
    authority = Authority(tmp_path)
    pair = authority.server("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(pair.certificate), str(pair.key))
    over = threading.Event()

    def serve(listening: socket.socket) -> None:
        body = b'{"data": {"resultType": "vector", "result": []}}'
        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        with suppress(OSError):
            with context.wrap_socket(listening.accept()[0], server_side=True) as first:
                first.recv(4096)
                over.wait(0.6)
                first.sendall(head + body)
            accepted, _ = listening.accept()
            over.wait(0.6)
            with context.wrap_socket(accepted, server_side=True) as second:
                while not over.wait(0.05):
                    second.sendall(b"H")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=[listening], daemon=True).start()
        door = Door(
            f"https://127.0.0.1:{listening.getsockname()[1]}",
            authority.certificate_file.read_text(),
        )
        began = time.monotonic()
        with Asking(door, LOOPBACK, seconds=1) as asking:
            asking.query("up", 1)
            with pytest.raises(Refusal, match="within"):
                asking.query("up", 1)
        over.set()

    assert time.monotonic() - began < 3


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


def test_a_source_that_echoes_the_token_does_not_get_it_shown(house: House, tmp_path: Path) -> None:
    body = json.dumps({"status": "error", "error": "who is the-bearer?"}).encode()
    with (
        source(status(400, body)) as there,
        Asking(Door(there.url, bearer="the-bearer"), LOOPBACK) as asking,
        pytest.raises(Refusal, match="redacted") as refused,
    ):
        asking.query("up", 1)

    assert "the-bearer" not in str(refused.value)


def test_an_authority_that_cannot_be_read_is_no_error_of_ours(house: House) -> None:
    """It was refused when it was entered; whoever writes around that gets a reason as well."""
    enter(house, f"https://127.0.0.1:{nowhere()}", ca_pem="no PEM")

    measure(str(house[Cluster].pk))

    assert MetricsSource.objects.get().problem_code == messages.UNREACHABLE.code
