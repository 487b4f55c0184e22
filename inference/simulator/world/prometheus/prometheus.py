"""The process: scrapes on the world's loop, keeps minutes of samples, and answers over HTTP."""

import json
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from prometheus_client.parser import text_string_to_metric_families

from inference.simulator.world.asgi import Message, Receive, Scope, Send, answer, answer_json
from inference.simulator.world.network import Gone, Network
from inference.simulator.world.prometheus.evaluating import Vector, evaluate
from inference.simulator.world.prometheus.grammar import NotUnderstood, parse
from inference.simulator.world.prometheus.samples import LOOKBACK, Labels, Samples
from inference.simulator.world.prometheus.targets import Target, targets
from inference.simulator.world.view import View

_LONGEST = 16 * 1024


class Prometheus:
    """An ASGI app: `/api/v1/query`, and `/graph`, which shows the same to a person."""

    def __init__(
        self, view: View, network: Network, clock: Callable[[], float] = time.time
    ) -> None:
        self._view, self._network, self._clock = view, network, clock
        self.samples = Samples()

    async def scrape(self, at: float | None = None) -> None:
        """Every page once, at one time: now, or the one that is given."""
        at, there = self._clock() if at is None else at, list(targets(self._view))
        for target in there:
            page = await self.page(target)
            self.samples.scrape(target, at, _read(page, target) if page is not None else {})
        self.samples.lose(at, there)
        self.samples.forget(at - 2 * LOOKBACK)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        asked = parse_qs(scope["query_string"].decode("ascii", "replace"))
        if scope["method"] not in {"GET", "HEAD"}:
            await answer(send, 405, b"Method Not Allowed")
        elif scope["path"] == "/api/v1/query":
            status, body = self._query(_one(asked, "query"), _one(asked, "time"))
            await answer_json(send, status, body)
        elif scope["path"] == "/graph":
            shown = self._shown(_one(asked, "g0.expr"), _one(asked, "g0.moment_input"))
            await answer(send, 200, shown.encode(), "text/plain; charset=utf-8")
        else:
            await answer(send, 404, b"404 page not found")

    def _query(self, text: str, at: str) -> tuple[int, dict[str, Any]]:
        try:
            moment = float(at) if at else self._clock()
            vector = self._evaluated(text, moment)
        except (NotUnderstood, ValueError) as problem:
            error = f"invalid parameter: {problem}"
            return 400, {"status": "error", "errorType": "bad_data", "error": error}
        result = [
            {"metric": dict(labels), "value": [moment, _text(value)]}
            for labels, value in vector.items()
        ]
        return 200, {"status": "success", "data": {"resultType": "vector", "result": result}}

    def _shown(self, text: str, moment: str) -> str:
        head = f"{text}\n\n"
        try:
            at = datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
            vector = self._evaluated(text, at)
        except (NotUnderstood, ValueError) as problem:
            return f"{head}{problem}\n"
        rows = [
            f"{{{', '.join(f'{name}={json.dumps(value)}' for name, value in labels)}}} {_text(has)}"
            for labels, has in vector.items()
        ]
        return head + "\n".join(rows or ["Empty query result"]) + "\n"

    def _evaluated(self, text: str, at: float) -> Vector:
        """Raises NotUnderstood, or ValueError for a time that is none."""
        if len(text) > _LONGEST or not math.isfinite(at):
            raise NotUnderstood("too long, or at no time")
        return evaluate(parse(text), self.samples, at)

    async def page(self, target: Target) -> str | None:
        """None where nothing answers."""
        place = self._network.at(target.address, target.port)
        if place is None:
            return None
        parts: list[Message] = []

        async def send(message: Message) -> None:
            parts.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {"type": "http", "method": "GET", "path": target.path, "headers": []}
        try:
            await place(scope, receive, send)
        except Gone:
            return None
        if not parts or parts[0].get("status") != 200:  # noqa: PLR2004
            return None
        return b"".join(part.get("body", b"") for part in parts[1:]).decode()


def _read(page: str, target: Target) -> dict[Labels, float]:
    own = dict(target.labels)
    made: dict[Labels, float] = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            given = {
                f"exported_{name}" if name in own else name: value
                for name, value in sample.labels.items()
                if value
            }
            made[tuple(sorted({**given, **own, "__name__": sample.name}.items()))] = sample.value
    return made


def _one(asked: dict[str, list[str]], name: str) -> str:
    return asked.get(name, [""])[0]


def _text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)  # noqa: PLR2004
