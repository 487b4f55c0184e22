"""Small gateways on loopback that answer as they are told, well or badly."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COMPLETION: dict[str, Any] = {
    "model": "qwen3",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Yes"}}],
    "usage": {"prompt_tokens": 12, "completion_tokens": 1},
}
Behaviour = Callable[[socket.socket], None]


@dataclass
class Gateway:
    """Where it listens, and the head and body of each request that it was sent."""

    port: int
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def says(body: Any, status: int = 200, **headers: str) -> bytes:
    """A whole answer. Underscores in names of headers are dashes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"content-length": str(len(content)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + content


@contextmanager
def gateway(
    answer: bytes | Behaviour, certificate: tuple[Path, Path] | None = None
) -> Iterator[Gateway]:
    """Answers every request with the same bytes, or as the function does that is given one."""
    listening = socket.create_server(("127.0.0.1", 0))
    found = Gateway(listening.getsockname()[1])
    over = threading.Event()
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)

    def serve() -> None:
        while not over.is_set():
            try:
                accepted, _ = listening.accept()
            except OSError:
                return
            accepted.settimeout(10)
            with suppress(OSError), accepted:
                peer = context.wrap_socket(accepted, server_side=True) if context else accepted
                with peer:
                    found.requests.append(_request(peer))
                    if isinstance(answer, bytes):
                        peer.sendall(answer)
                    else:
                        answer(peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        # Closing alone would not wake a thread that waits in `accept`.
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(15)


def _request(peer: socket.socket) -> tuple[str, dict[str, Any]]:
    with peer.makefile("rb") as stream:
        lines = list(iter(stream.readline, b"\r\n"))
        length = next(
            int(line.partition(b":")[2])
            for line in lines
            if line.lower().startswith(b"content-length:")
        )
        body: dict[str, Any] = json.loads(stream.read(length))
    return b"".join(lines).decode(), body


def nowhere() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@contextmanager
def no_longer_taking_calls() -> Iterator[int]:
    """A port that leaves callers waiting: as many wait there as find room."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening, ExitStack() as waiting:
        for _ in range(4):
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def chunk(text: str = "", finish: str | None = None, **more: Any) -> bytes:
    """One event of a streamed completion."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice], **more}).encode() + b"\n\n"


def usage(tokens: int) -> bytes:
    told = {"choices": [], "usage": {"completion_tokens": tokens}}
    return b"data: " + json.dumps(told).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"
ANSWER = (chunk(), chunk("To "), chunk("remember."), chunk("", "stop"), usage(4), DONE)


def opening(kind: str = "text/event-stream", **headers: str) -> bytes:
    """The head of an answer in chunks. Underscores in names of headers are dashes."""
    told = {"content-type": kind, "transfer-encoding": "chunked", **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode()


def piece(data: bytes) -> bytes:
    """A chunk of HTTP; an empty one ends the answer."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def streams(*events: bytes, **headers: str) -> bytes:
    """A whole streamed answer."""
    return opening(**headers) + b"".join(map(piece, events)) + piece(b"")
