"""Metrics sources on loopback: a Prometheus over samples that a test gives, or any answer."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from inference.simulator.world.prometheus.evaluating import evaluate
from inference.simulator.world.prometheus.grammar import parse
from inference.simulator.world.prometheus.samples import Samples

Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body."""


@dataclass
class Source:
    """Where it listens, the queries that it was asked, at what time, and with which headers."""

    url: str = ""
    asked: list[tuple[str, float]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


def vector(found: Mapping[Any, float], at: float) -> Answer:
    rows = [{"metric": dict(labels), "value": [at, str(has)]} for labels, has in found.items()]
    data = {"resultType": "vector", "result": rows}
    return 200, {}, json.dumps({"status": "success", "data": data}).encode()


def over(samples: Samples) -> Callable[[str, float], Answer]:
    """What a Prometheus with these samples answers."""
    return lambda query, at: vector(evaluate(parse(query), samples, at), at)


@contextmanager
def source(
    answer: Callable[[str, float], Answer], certificate: tuple[Path, Path] | None = None
) -> Iterator[Source]:
    found = Source()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            query, at = asked.get("query", [""])[0], float(asked.get("time", ["0"])[0])
            found.asked.append((query, at))
            found.headers.append({name.lower(): value for name, value in self.headers.items()})
            status, headers, body = answer(query, at)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if certificate else "http"
    found.url = f"{scheme}://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
