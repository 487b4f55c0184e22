"""The door of an engine: HTTP in, tokens out."""

import asyncio
import json
import time

from inference.simulator.world.asgi import (
    BodyTooLarge,
    Receive,
    Scope,
    Send,
    answer,
    answer_json,
    begin,
    header,
    read_body,
)
from inference.simulator.world.engines import answers
from inference.simulator.world.engines.answers import Asked, Refused
from inference.simulator.world.engines.load import Finished
from inference.simulator.world.engines.serving import Serving

PLAIN = frozenset({"/health", "/ping"})
READ = frozenset({*PLAIN, "/v1/models", "/metrics", "/version"})
_POSTS = {"/v1/chat/completions": True, "/v1/completions": False}
_PAGE = "text/plain; version=0.0.4; charset=utf-8"


class Answering:
    """An ASGI app. `pace` is how many real seconds one of the engine's lasts; `failing` is how
    many of a hundred requests end in an error. Completions say which `pod` they came from, as
    llm-d's engine simulator has it; vLLM itself does not.
    """

    def __init__(
        self, serving: Serving, version: str, pace: float, failing: float, *, pod: str
    ) -> None:
        self._serving, self._version = serving, version
        self._pace, self._failing = pace, failing
        self._origin = [("x-inference-pod", pod)]
        self._created = int(time.time())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if path in _POSTS and method == "POST":
            await self._post(scope, receive, send)
        elif path in _POSTS or method not in {"GET", "HEAD"}:
            await answer_json(send, 405, {"detail": "Method Not Allowed"})
        elif path in PLAIN:
            await answer(send, 200)
        elif path == "/metrics":
            await answer(send, 200, self._serving.page().encode(), _PAGE)
        elif path == "/v1/models":
            await answer_json(send, 200, answers.models(self._serving.settings, self._created))
        elif path == "/version":
            await answer_json(send, 200, {"version": self._version})
        else:
            await answer_json(send, 404, {"detail": "Not Found"})

    async def _post(self, scope: Scope, receive: Receive, send: Send) -> None:
        settings = self._serving.settings
        token = header(scope, "authorization").removeprefix("Bearer ")
        if settings.api_keys and token not in settings.api_keys:
            await answer_json(send, 401, {"error": "Unauthorized"})
            return
        try:
            body = await read_body(receive)
            asked = answers.asked(body, settings, is_chat=_POSTS[scope["path"]])
        except BodyTooLarge:
            await answer_json(send, 413, {"detail": "Request Entity Too Large"})
        except Refused as refusal:
            await answer_json(send, refusal.code, refusal.body)
        else:
            await self._serve(asked, send)

    async def _serve(self, asked: Asked, send: Send) -> None:
        serving = self._serving
        if serving.dice.random() * 100 < self._failing:
            refusal = Refused(500, "Internal server error", "InternalServerError")
            serving.metrics.add("request_success", 1, ("finished_reason", "error"))
            await answer_json(send, refusal.code, refusal.body)
            return
        one = serving.plan(asked)
        serving.inside += 1
        is_whole = False
        try:
            await self._generate(asked, one, send)
            is_whole = True
        finally:
            serving.inside -= 1
            if is_whole:
                serving.metrics.take([one], asked.most_tokens)
            else:
                serving.metrics.add("request_success", 1, ("finished_reason", "abort"))

    async def _generate(self, asked: Asked, one: Finished, send: Send) -> None:
        now, dice = int(time.time()), self._serving.dice
        name = f"{'chatcmpl' if asked.is_chat else 'cmpl'}-{dice.getrandbits(128):032x}"
        parts = answers.words(dice, one.output)
        reason = "length" if one.output >= asked.most_tokens else "stop"
        await self._wait(one.first_token)
        if not asked.streams:
            await self._wait(one.decode)
            body = answers.whole(asked, "".join(parts), one.output, reason, name, now)
            whole = json.dumps(body).encode()
            await answer(send, 200, whole, "application/json", self._origin)
            return
        headers = [("cache-control", "no-cache"), *self._origin]
        await begin(send, 200, headers, "text/event-stream; charset=utf-8")
        if asked.is_chat:
            await _more(send, answers.chunk(asked, None, None, name, now))
        for index, part in enumerate(parts):
            if index:
                await self._wait(one.step)
            ends = reason if index + 1 == len(parts) else None
            await _more(send, answers.chunk(asked, part, ends, name, now))
        if asked.includes_usage:
            await _more(send, answers.last_chunk(asked, one.output, name, now))
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})

    async def _wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self._pace)


async def _more(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})
