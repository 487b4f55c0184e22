"""Faults on demand: which requests meet one, and what it does to them."""

import asyncio
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial

from starlette.types import Message, Receive, Send

from inference.simulator.api.calls import JSON, Call, Reply, Stream
from inference.simulator.errors import Object


class Outcome(Enum):
    GOES_ON = auto()
    CUT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Which requests are meant; what is empty is not asked for.

    The first `skips` of them go unharmed, the next `times` meet the fault: all, where it is None.
    """

    verb: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    user: str = ""
    path: str = ""
    is_dry_run: bool | None = None
    skips: int = 0
    times: int | None = None

    def means(self, call: Call) -> bool:
        target = call.target
        asked = (
            (self.verb, call.verb),
            (self.resource, target.resource),
            (self.subresource, target.subresource),
            (self.namespace, target.namespace),
            (self.name, target.name),
            (self.user, call.user.name),
        )
        if any(wanted and wanted != found for wanted, found in asked):
            return False
        if self.is_dry_run is not None and self.is_dry_run is not call.is_dry_run:
            return False
        return call.path.startswith(self.path)


class Effect:
    """What happens to a request. Nothing, unless a kind of effect says otherwise."""

    async def before(self, lifted: asyncio.Event) -> tuple[Outcome, Reply | None]:
        """Before the store hears of it; a reply takes the place of the store's."""
        del lifted
        return Outcome.GOES_ON, None

    async def after(self, reply: Reply) -> Outcome:
        """When the store has done it and nothing is answered yet; may spoil the reply."""
        del reply
        return Outcome.GOES_ON


@dataclass(frozen=True, slots=True)
class Answers(Effect):
    """Something else answers: a refusal, a redirect, a page, or whatever the bytes are."""

    status: int
    body: Object | bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    media: str = JSON

    async def before(self, lifted: asyncio.Event) -> tuple[Outcome, Reply | None]:
        del lifted
        return Outcome.GOES_ON, Reply(self.body, self.status, dict(self.headers), self.media)


@dataclass(frozen=True, slots=True)
class Hangs(Effect):
    """No answer until the fault is lifted, and none then."""

    async def before(self, lifted: asyncio.Event) -> tuple[Outcome, Reply | None]:
        await lifted.wait()
        return Outcome.CUT, None


@dataclass(frozen=True, slots=True)
class Slow(Effect):
    seconds: float

    async def before(self, lifted: asyncio.Event) -> tuple[Outcome, Reply | None]:
        del lifted
        await asyncio.sleep(self.seconds)
        return Outcome.GOES_ON, None


@dataclass(frozen=True, slots=True)
class CutsBefore(Effect):
    """The connection breaks, and nothing was done."""

    async def before(self, lifted: asyncio.Event) -> tuple[Outcome, Reply | None]:
        del lifted
        return Outcome.CUT, None


@dataclass(frozen=True, slots=True)
class CutsAfter(Effect):
    """The connection breaks, and all was done."""

    async def after(self, reply: Reply) -> Outcome:
        del reply
        return Outcome.CUT


@dataclass(frozen=True, slots=True)
class Truncates(Effect):
    """All was done, and the connection breaks after so many bytes of the answer's body."""

    size: int

    async def after(self, reply: Reply) -> Outcome:
        reply.breaks_after = self.size
        return Outcome.GOES_ON


@dataclass(frozen=True, slots=True)
class Trickles(Effect):
    """All was done, and the answer comes byte by byte, each after so many seconds."""

    seconds: float

    async def after(self, reply: Reply) -> Outcome:
        reply.seconds_a_byte = self.seconds
        return Outcome.GOES_ON


@dataclass(frozen=True, slots=True)
class Silences(Effect):
    """A watch stays open and tells nothing more: no event, no bookmark, no end."""

    async def after(self, reply: Reply) -> Outcome:
        if reply.stream is not None:
            reply.stream = partial(_silence, reply.stream)
        return Outcome.GOES_ON


async def _silence(stream: Stream, receive: Receive, send: Send) -> None:
    async def mute(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": True})

    await stream(receive, mute)
    while (await receive())["type"] != "http.disconnect":
        pass


def rejection(code: int, reason: str, message: str) -> Answers:
    """A refusal in the form in which API servers, and webhooks through them, refuse."""
    status: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return Answers(code, {**status, "message": message, "reason": reason, "code": code})


def deep_json(depth: int = 100_000) -> Answers:
    return Answers(200, b'{"a":' * depth + b"1" + b"}" * depth)


BUSY = Answers(
    429,
    b"Too many requests, please try again later.\n",
    {"Retry-After": "1"},
    "text/plain; charset=utf-8",
)
"""A server without a seat for the request."""


@dataclass(eq=False)
class Fault:
    when: When
    effect: Effect
    met: int = 0
    is_lifted: bool = False
    _lifted: asyncio.Event = field(default_factory=asyncio.Event)

    def meets(self, call: Call) -> bool:
        if self.is_lifted or not self.when.means(call):
            return False
        self.met += 1
        times = self.when.times
        return self.met > self.when.skips and (times is None or self.met <= self.when.skips + times)

    async def before(self) -> tuple[Outcome, Reply | None]:
        return await self.effect.before(self._lifted)

    async def after(self, reply: Reply) -> Outcome:
        return await self.effect.after(reply)

    def lift(self) -> None:
        """On the loop of the cluster: whoever hangs by it is cut off."""
        self.is_lifted = True
        self._lifted.set()


class Faults:
    """The fault script of one cluster. Of several that fit a request, the first added counts."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, when: When, effect: Effect) -> Fault:
        fault = Fault(when, effect)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        for fault in self._faults:
            fault.lift()
        self._faults = []

    def met_by(self, call: Call) -> Fault | None:
        return next((fault for fault in self._faults if fault.meets(call)), None)
