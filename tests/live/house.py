"""A server for live pages on loopback, browsers before it, and a topic of the tests' own."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, TypeVar
from urllib.parse import urlencode

import uvicorn
from django.db import connection

from inference.accounts.models import User
from inference.accounts.policies import Right, teams_of
from inference.changes.models import ChangeRequest
from inference.live import Feed, LiveApp, Parts, registry, topic
from inference.live.pace import Pace
from tests import databases, servers
from tests.api.callers import sign_in

T = TypeVar("T")

KIND = "tests-change"
PATIENCE = 60.0
QUICK = Pace(beat=0.2, access=0.2, ages=0.1, send_within=1.0)


@dataclass
class Topic:
    """The title of a change, for who may see it: `renders` counts per change."""

    GROWN: ClassVar[str] = "Grown"

    renders: Counter[str] = field(default_factory=Counter)
    padding: int = 0
    tells: bool = False
    follows_more: str = ""
    """A notice that is followed as soon as the title says that it has grown."""
    every: float = 0.0
    again: float | None = None

    def feed(self, user: User, key: str) -> Feed | None:
        found = ChangeRequest.objects.filter(pk=key, team__in=teams_of(user, Right.VIEW))
        if not found.exists():
            return None

        def show() -> dict[str, str]:
            self.renders[key] += 1
            title = ChangeRequest.objects.get(pk=key).title
            html = f'<p id="title-{key}">{title}{" " * self.padding}</p>'
            made = Parts({f"title-{key}": html})
            made.again = self.again
            return made

        def also() -> set[str]:
            is_grown = self.follows_more and found.filter(title__startswith=self.GROWN).exists()
            return {self.follows_more} if is_grown else set()

        own = f"change-request:{key}"
        return Feed(follows={own}, show=show, tells=self.tells, also=also, every=self.every)


@contextmanager
def entered(made: Topic) -> Iterator[Topic]:
    topic(KIND)(made.feed)
    yield made
    del registry._resolvers[KIND]


@dataclass(frozen=True)
class House:
    """Where pages are live, and how to stop it as a server that is told to."""

    port: int
    live: LiveApp
    server: uvicorn.Server
    thread: threading.Thread

    def stop(self) -> None:
        self.live.close_soon()
        self.server.should_exit = True
        self.thread.join(PATIENCE)

    def stream(self, user: User | str | None, *names: str, **more: Any) -> "Page":
        return Page(self.port, user, "/live/", names, **more)

    def now(self, user: User | str | None, *names: str, **more: Any) -> "Page":
        return Page(self.port, user, "/live/now/", names, **more)


@contextmanager
def serving(pace: Pace = QUICK) -> Iterator[House]:
    live = LiveApp(pace)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(live, log_config=None, lifespan="off", timeout_graceful_shutdown=5)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    house = House(listening.getsockname()[1], live, server, thread)
    try:
        yield house
    finally:
        house.stop()
        listening.close()


SERVERS = {
    "uvicorn": ["uvicorn", "--timeout-graceful-shutdown", "30"],
    "granian": ["granian", "--interface", "asgi"],
}


@contextmanager
def console(server: str = "uvicorn") -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The whole console as a process of its own, on the rows of this test."""
    port = servers.free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", *SERVERS[server]),
            *("console.asgi:application", "--host", "127.0.0.1", "--port", str(port)),
        ],
        cwd=databases.ROOT,
        env=os.environ | {"DATABASE_URL": databases.url(), "WAYBILL_LOG_LEVEL": "ERROR"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        servers.wait_for(port)
        yield port, process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def aside(deed: Callable[[], T]) -> T:
    """On another thread: Playwright's loop runs in the test's, and Django keeps out of it."""

    def do() -> T:
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(do).result()


class Page:
    """One request, as htmx makes it, and what comes back."""

    def __init__(
        self,
        port: int,
        user: User | str | None,
        path: str,
        names: tuple[str, ...],
        *,
        headers: dict[str, str] | None = None,
        method: str = "GET",
        buffer: int = 0,
    ) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        if buffer:
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            sock.settimeout(PATIENCE)
            sock.connect(("127.0.0.1", port))
            self._connection.sock = sock
        key = sign_in(user) if isinstance(user, User) else user
        cookie = {"Cookie": f"session={key}"} if key else {}
        query = urlencode([("topic", name) for name in names])
        self._connection.request(method, f"{path}?{query}", headers=cookie | (headers or {}))
        self.response = self._connection.getresponse()
        self.status = self.response.status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.response.close()
        self._connection.close()

    def text(self) -> str:
        return self.response.read().decode()

    def message(self) -> dict[str, str]:
        """The next event of the stream; empty at its end."""
        found: dict[str, str] = {}
        while line := self.response.readline():
            text = line.decode().rstrip("\n")
            if not text:
                return found
            name, _, value = text.partition(": ")
            found[name] = f"{found[name]}\n{value}" if name in found else value
        return {}

    def until(self, word: str) -> dict[str, str]:
        """The next event that holds `word` in its data or its name."""
        deadline = time.monotonic() + PATIENCE
        while (message := self.message()) and time.monotonic() < deadline:
            if word in message.get("data", "") or message.get("event") == word:
                return message
        raise AssertionError(f"the stream did not say {word}")

    def rest(self) -> list[dict[str, str]]:
        """All events until the stream ends."""
        found = []
        with suppress(http.client.IncompleteRead):
            while message := self.message():
                found.append(message)
        return found
