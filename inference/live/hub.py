"""One per process: what was announced, and who looks at what it is about."""

import asyncio
import time
from collections.abc import Iterable, Sequence

import structlog
from django.db import DatabaseError

from inference import events
from inference.live import frames, staleness
from inference.live.access import Feeds
from inference.live.channels import Channel
from inference.live.desk import Desk
from inference.live.doorkeeping import Doorkeeper
from inference.live.followers import Followers
from inference.live.pace import Pace
from inference.live.seats import Poller, Seat, Stream
from inference.live.staleness import Look

_log = structlog.get_logger("waybill.live")


class Hub:
    """Lives in one event loop. All rows are read at its two desks: one admits, one renders."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self.door = Desk("live-door")
        self.seats: set[Seat] = set()
        self._doorkeeper = Doorkeeper(self.door, self.seats, self.join, pace)
        self._desk = Desk("live-render")
        self._channels: dict[tuple[str, str], Channel] = {}
        self._followers: Followers[Channel] = Followers()
        self._pollers: dict[tuple[str, tuple[str, ...]], Poller] = {}
        self._seen: Look = {}
        self._tasks = [
            asyncio.create_task(work)
            for work in (self._listen(), self._beat(), self._doorkeeper.run(), self._watch_ages())
        ]
        self.has_failed = False
        for task in self._tasks:
            task.add_done_callback(self._ended)

    @property
    def streams(self) -> list[Stream]:
        return [seat for seat in self.seats if isinstance(seat, Stream)]

    def join(self, seat: Seat, feeds: Feeds) -> None:
        """Let a seat look at these topics; what it had and is not among them, it loses."""
        seat.asked_at = time.monotonic()
        self.seats.add(seat)
        if isinstance(seat, Poller):
            self._pollers[seat.session_key, seat.names] = seat
        audiences = {name: feed.audience for name, feed in feeds.items()}
        for name in [name for name, word in seat.audiences.items() if audiences.get(name) != word]:
            self._part(seat, name)
        for name, feed in feeds.items():
            if name not in seat.audiences:
                seat.audiences[name] = feed.audience
                self._channel(name, feeds).join(seat)

    def leave(self, seat: Seat) -> None:
        self.seats.discard(seat)
        if self._pollers.get((seat.session_key, seat.names)) is seat:
            del self._pollers[seat.session_key, seat.names]
        for name in list(seat.audiences):
            self._part(seat, name)

    def channels_of(self, seat: Seat) -> list[Channel]:
        return [self._channels[key] for key in seat.audiences.items()]

    def poller(self, session_key: str, names: Sequence[str]) -> Poller | None:
        """The seat of a page that polls, if it has asked a moment ago."""
        seat = self._pollers.get((session_key, tuple(names)))
        if seat is None or seat.is_left:
            return None
        seat.asks()
        return seat

    def take(self, names: Iterable[str]) -> None:
        """Notices that were heard. None at all stand for all that there could be."""
        heard = list(names)
        touched = {channel for name in heard for channel in self._followers.of(name)}
        for channel in touched if heard else list(self._channels.values()):
            channel.changed()
        self._doorkeeper.hear(heard)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """None of its tasks ends by itself. Where one does, pages would look live and hear nothing,
        or be looked at by who may not: they are sent to another hub."""
        if task.cancelled() or self.door.is_closed:
            return
        _log.error("hub-failed", exc_info=task.exception())
        self.has_failed = True
        for seat in list(self.seats):
            seat.dismiss("restart")

    async def close(self) -> None:
        """Send everybody home; browsers come back to whoever serves next."""
        for task in self._tasks:
            task.cancel()
        for seat in list(self.seats):
            seat.dismiss("restart")
        for channel in self._channels.values():
            channel.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.door.close()
        self._desk.close()

    def _channel(self, name: str, feeds: Feeds) -> Channel:
        feed = feeds[name]
        key = (name, feed.audience)
        if key not in self._channels:
            made = Channel(name, feed, self._desk, self._pace, self._follow)
            self._channels[key] = made
            self._followers.add(made, made.follows)
        return self._channels[key]

    def _follow(self, channel: Channel, names: frozenset[str]) -> None:
        self._followers.discard(channel, channel.follows)
        self._followers.add(channel, names)
        channel.follows = names

    def _part(self, seat: Seat, name: str) -> None:
        key = (name, seat.audiences.pop(name))
        channel = self._channels[key]
        channel.leave(seat)
        if not channel.seats:
            channel.close()
            self._followers.discard(channel, channel.follows)
            del self._channels[key]

    async def _listen(self) -> None:
        async for names in events.listen():
            self.take(names)

    async def _beat(self) -> None:
        """Says that we are here, and what time it is. Silence is what turns a page grey."""
        while True:
            await asyncio.sleep(self._pace.beat)
            frame = frames.event("beat", str(round(time.time() * 1000)))
            for seat in list(self.seats):
                seat.offer_event("beat", frame)
                if seat.is_left:
                    self.leave(seat)

    async def _watch_ages(self) -> None:
        while True:
            await asyncio.sleep(self._pace.ages)
            scopes = staleness.scopes(self._followers.names())
            if not scopes:
                continue
            try:
                seen = await self._desk.ask(staleness.look, scopes)
            except DatabaseError as error:
                _log.warning("database-unavailable", error=type(error).__name__)
                continue
            turned = staleness.turned(self._seen, seen)
            self._seen = seen
            if turned:
                self.take(turned)
