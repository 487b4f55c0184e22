"""One port of a Gateway: from a request to the rule, the backend by weight, and the endpoint."""

import asyncio
import json
import time
from dataclasses import dataclass
from urllib.parse import parse_qsl

from inference.simulator.errors import Object
from inference.simulator.world.asgi import (
    App,
    BodyTooLarge,
    Message,
    Receive,
    Scope,
    Send,
    answer,
    header,
    read_body,
)
from inference.simulator.world.context import Context
from inference.simulator.world.endpoints import SERVICE
from inference.simulator.world.gateways.backends import Backend
from inference.simulator.world.gateways.tables import Request, Rule, Table
from inference.simulator.world.network import Gone
from inference.simulator.world.pickers.picker import NotPicked, Picker
from inference.simulator.world.pickers.picking import Endpoint
from inference.simulator.world.pickers.pool import places_of
from inference.simulator.world.programs import Programs
from inference.simulator.world.weights import Turns

_CHARACTERS_PER_TOKEN = 4
NO_UPSTREAM = b"no healthy upstream"
GONE = b"upstream connect error or disconnect/reset before headers"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the body asks for, as far as a picker reads it. `model` None: it names none."""

    body: bytes
    model: str | None
    prompt: str

    @property
    def tokens(self) -> int:
        return max(1, len(self.prompt) // _CHARACTERS_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """The gateway answers this itself."""

    status: int
    text: bytes


class Door:
    """An ASGI app. `table` is replaced whole whenever routes change."""

    def __init__(self, context: Context, programs: Programs) -> None:
        self.table = Table()
        self._context, self._programs = context, programs
        self._turns: dict[str, Turns] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rule = self.table.find(_request(scope))
        if rule is None:
            await answer(send, 404)
            return
        passing = Passing(send)
        try:
            async with asyncio.timeout(rule.timeout):
                await self._serve(rule, scope, receive, passing)
        except TimeoutError:
            await passing.end(Refused(504, b"upstream request timeout"))
        except BodyTooLarge:
            await passing.end(Refused(413, b"Payload Too Large"))
        except Gone:
            await passing.end(Refused(503, GONE))
        except Refused as refusal:
            await passing.end(refusal)

    async def _serve(self, rule: Rule, scope: Scope, receive: Receive, passing: "Passing") -> None:
        backend = self._choose(rule)
        wanted = _wanted(await read_body(receive))
        scope = {**scope, "headers": _changed(scope["headers"], rule)}
        if backend.kind == "Service":
            app = self._service(backend)
            await app(scope, replay(wanted.body), passing)
            return
        pool = self._context.view.one("InferencePool", *backend.key)
        if pool is None:
            raise Refused(500, b"")
        await self._pool(pool, wanted, scope, passing)

    def _choose(self, rule: Rule) -> Backend:
        """Raises Refused where nothing has a weight, or what was chosen is broken."""
        turns = self._turns.setdefault(rule.name, Turns())
        name = turns.choose([(one.name, one.weight) for one in rule.backends])
        backend = next((one for one in rule.backends if one.name == name), None)
        if backend is None or not backend.kind:
            raise Refused(500, b"")
        return backend

    def _service(self, backend: Backend) -> App:
        for address, port in self._endpoints(backend.key):
            place = self._context.network.at(address, port)
            if place is not None:
                return place
        raise Refused(503, NO_UPSTREAM)

    async def _pool(self, pool: Object, wanted: Wanted, scope: Scope, passing: "Passing") -> None:
        picker = self._picker(pool)
        endpoint = self._picked(picker, pool, wanted)
        began = time.monotonic()
        try:
            place = self._context.network.at(endpoint.address, endpoint.port)
            if place is None:
                raise Refused(503, GONE)
            await place(scope, replay(wanted.body), passing)
        finally:
            if picker is not None:
                spent = time.monotonic() - began
                status = passing.status or 503
                picker.counting.ended(wanted.model or "", endpoint, wanted.tokens, spent, status)

    def _picked(self, picker: Picker | None, pool: Object, wanted: Wanted) -> Endpoint:
        """Without a picker the pool's failureMode decides; but Envoy has handed over the request
        before it hears that a picker does not take the call. Raises Refused."""
        if picker is not None:
            if not picker.takes_calls:
                raise Refused(500, b"")
            chosen = picker.pick(wanted.model, wanted.prompt, wanted.tokens)
            if isinstance(chosen, NotPicked):
                raise Refused(chosen.status, chosen.text.encode())
            return chosen
        reference = pool["spec"].get("endpointPickerRef") or {}
        places = places_of(self._context.view, pool)
        if reference.get("failureMode", "FailClose") != "FailOpen":
            raise Refused(500, b"")
        if not places:
            raise Refused(503, NO_UPSTREAM)
        pod, address, port = self._context.dice.choice(places)
        return Endpoint(pod, address, port)

    def _picker(self, pool: Object) -> Picker | None:
        """The one behind the pool's Service that is ready."""
        reference = pool["spec"].get("endpointPickerRef") or {}
        key = (pool["metadata"]["namespace"], reference.get("name", ""))
        for address, port in self._endpoints(key):
            found = self._programs.picker_at(address, port)
            if found is not None:
                return found
        return None

    def _endpoints(self, service: tuple[str, str]) -> list[tuple[str, int]]:
        namespace, name = service
        return [
            (endpoint["addresses"][0], port["port"])
            for one in self._context.view.all("EndpointSlice", namespace)
            if (one["metadata"].get("labels") or {}).get(SERVICE) == name
            for endpoint in one.get("endpoints") or ()
            if endpoint["conditions"]["ready"]
            for port in one.get("ports") or ()
        ]


class Passing:
    """Sends on what an endpoint answers, and remembers how far that has come."""

    def __init__(self, send: Send) -> None:
        self.status = 0
        self._send = send
        self._is_whole = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self._is_whole = not message.get("more_body", False)
        await self._send(message)

    async def end(self, refusal: Refused) -> None:
        """An answer of our own; once another has begun, that is cut off instead."""
        if self._is_whole:
            return
        if self.status:
            raise ConnectionAbortedError
        await answer(self._send, refusal.status, refusal.text)


def replay(body: bytes) -> Receive:
    """A receive that gives a body that was read before, then waits until it is cancelled."""
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _request(scope: Scope) -> Request:
    headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}
    query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
    host = header(scope, "host").partition(":")[0].lower()
    return Request(host, scope["path"], scope["method"], headers, query)


def _wanted(body: bytes) -> Wanted:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return Wanted(body, None, "")
    model = found.get("model")
    prompt = found.get("messages") or found.get("prompt") or ""
    text = prompt if isinstance(prompt, str) else json.dumps(prompt)
    return Wanted(body, model if isinstance(model, str) else None, text)


def _changed(headers: list[tuple[bytes, bytes]], rule: Rule) -> list[tuple[bytes, bytes]]:
    """As the RequestHeaderModifier filters of the rule have it."""
    found = list(headers)
    for one in rule.filters:
        modifier = one.get("requestHeaderModifier") or {}
        put = [*(modifier.get("set") or ()), *(modifier.get("add") or ())]
        gone = {word.lower() for word in modifier.get("remove") or ()}
        gone |= {word["name"].lower() for word in modifier.get("set") or ()}
        found = [pair for pair in found if pair[0].decode("latin-1") not in gone]
        found += [(word["name"].lower().encode(), word["value"].encode()) for word in put]
    return found
