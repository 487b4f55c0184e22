"""Servers on loopback that answer what a test tells them to, byte for byte."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.clusters.client.authority import Pair


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Peer:
    """A running server: where it listens, and what it was asked."""

    port: int
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    server_names: list[str | None] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def pause(self, seconds: float = 60) -> None:
        """Say nothing, until the test is over."""
        self.closing.wait(seconds)


Respond = Callable[[Request, Peer], Iterable[bytes]]


@contextmanager
def peer(folder: Path, pair: Pair, respond: Respond) -> Iterator[Peer]:
    """`respond` gives the bytes of each answer; a generator of them may pause in between."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.write(folder / "server.pem"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.02)
        running = Peer(listener.getsockname()[1])
        context.sni_callback = lambda _socket, name, _context: running.server_names.append(name)
        threads = [threading.Thread(target=_accept, args=(listener, context, running, respond))]
        threads[0].start()
        try:
            yield running
        finally:
            running.closing.set()
            threads[0].join()


def _accept(
    listener: socket.socket, context: ssl.SSLContext, running: Peer, respond: Respond
) -> None:
    served = []
    while not running.closing.is_set():
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        running.connections += 1
        connection.settimeout(10)
        thread = threading.Thread(target=_serve, args=(connection, context, running, respond))
        thread.start()
        served.append(thread)
    for thread in served:
        thread.join()


def _serve(
    connection: socket.socket, context: ssl.SSLContext, running: Peer, respond: Respond
) -> None:
    with (
        suppress(OSError, ValueError),
        connection,
        context.wrap_socket(connection, server_side=True) as secure,
    ):
        secure.settimeout(0.02)
        reader = _Reader(secure, running.closing)
        while (request := reader.request()) is not None:
            running.requests.append(request)
            secure.settimeout(10)
            for part in respond(request, running):
                secure.sendall(part)
                if running.closing.is_set():
                    return
            if request.headers.get("connection") == "close":
                return
            secure.settimeout(0.02)


class _Reader:
    """Reads requests off one connection until it ends, or the test does."""

    def __init__(self, connection: ssl.SSLSocket, closing: threading.Event) -> None:
        self._connection = connection
        self._closing = closing
        self._read = b""

    def request(self) -> Request | None:
        while b"\r\n\r\n" not in self._read:
            if not self._more():
                return None
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (i.partition(":") for i in lines)
        }
        length = int(headers.get("content-length", 0))
        while len(self._read) < length:
            if not self._more():
                return None
        body, self._read = self._read[:length], self._read[length:]
        method, target, _ = first.split(" ")
        return Request(method, target, headers, body)

    def _more(self) -> bool:
        while not self._closing.is_set():
            try:
                part = self._connection.recv(65536)
            except TimeoutError:
                continue
            self._read += part
            return bool(part)
        return False


def http(status: int, body: bytes | dict[str, Any], **headers: str) -> list[bytes]:
    """One whole answer."""
    kind = "application/json" if isinstance(body, dict) else "text/plain"
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    lines = {"content-type": kind, "content-length": str(len(content)), **named}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return [f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + content]


def chunked(**headers: str) -> bytes:
    """The head of an answer whose end is not known."""
    lines = {"content-type": "application/json", "transfer-encoding": "chunked"}
    lines |= {name.replace("_", "-").lower(): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 200 OK\r\n{head}\r\n".encode()


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


def status(code: int, message: str = "", reason: str = "", **details: Any) -> dict[str, Any]:
    """A `Status` as API servers send it."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "details": details,
        "code": code,
    }
