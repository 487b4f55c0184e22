"""One topic as one audience sees it: rendered once, sent to all who look, and only what is new."""

import asyncio
from collections.abc import Callable, Mapping

import structlog
from django.db import DatabaseError
from prometheus_client import Counter

from inference.live import frames
from inference.live.desk import Desk, DeskClosed
from inference.live.pace import Pace
from inference.live.registry import Feed, Parts, told_as
from inference.live.seats import Seat

Follow = Callable[["Channel", frozenset[str]], None]
"""Has a channel hear of these notices, and of no others."""

RENDERS = Counter("waybill_live_renders_total", "Fragments rendered for live pages", ["topic"])

_log = structlog.get_logger("waybill.live")


class Channel:
    """Its seats, the parts that they have seen, and whether something has changed since."""

    def __init__(self, name: str, feed: Feed, desk: Desk, pace: Pace, follow: Follow) -> None:
        self.name = name
        self.feed = feed
        self.follows = frozenset(feed.follows)
        self._follow = follow
        self.seats: set[Seat] = set()
        self._desk = desk
        self._pace = pace
        self._parts: dict[str, str] = {}
        self._encoded: dict[str, bytes] = {}
        self._newcomers: set[Seat] = set()
        self._changes = 0
        self._tag = ""
        self._is_dirty = True
        self._shown = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._later: asyncio.TimerHandle | None = None

    def join(self, seat: Seat) -> None:
        """Sends what there is now, and from then on what changes."""
        self.seats.add(seat)
        if self._shown.is_set() and not self._is_dirty:
            self._offer(seat, self._encoded)
        else:
            self._newcomers.add(seat)
            self._render_soon()
        self._tell(seat)

    def leave(self, seat: Seat) -> None:
        self.seats.discard(seat)
        self._newcomers.discard(seat)

    def changed(self) -> None:
        """Some of the rows that it shows may have changed."""
        self._is_dirty = True
        self._changes += 1
        for seat in self.seats:
            self._tell(seat)
        self._render_soon()

    async def now(self) -> tuple[str, str]:
        """HTML of all parts, and a tag that changes with it and with what the channel tells."""
        await self._shown.wait()
        told = f" {self._changes}" if self.feed.tells else ""
        return "".join(frames.part(*item) for item in self._parts.items()), self._tag + told

    @property
    def is_current(self) -> bool:
        """Whether `now` answers without looking at rows."""
        return self._shown.is_set() and not self._is_dirty

    def close(self) -> None:
        if self._later:
            self._later.cancel()
        if self._task:
            self._task.cancel()

    def _tell(self, seat: Seat) -> None:
        if self.feed.tells:
            name = told_as(self.name)
            seat.offer_event(name, frames.event(name))

    def _render_soon(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._render())

    async def _render(self) -> None:
        """Now, and once more for all that changes until a moment later."""
        while self._is_dirty:
            self._is_dirty = False
            RENDERS.labels(self.name.partition(":")[0]).inc()
            try:
                follows, parts = await self._desk.ask(self.feed.look)
            except DeskClosed:
                return
            except DatabaseError as error:
                _log.warning("database-unavailable", error=type(error).__name__)
                self._is_dirty = True
                await asyncio.sleep(self._pace.after_failure)
                continue
            except Exception:  # noqa: BLE001  (the top of a page's own code: logged once, the stream lives)
                _log.exception("fragment-failed", topic=self.name)
                return
            if follows != self.follows:
                self._is_dirty = True  # until now nobody has listened for these
                self._follow(self, follows)
            self._show(parts)
            self._look_later(parts.again if isinstance(parts, Parts) else None)
            await asyncio.sleep(max(self._pace.between_renders, self.feed.every))

    def _look_later(self, seconds: float | None) -> None:
        """Once more by then, though nobody has announced anything."""
        if self._later:
            self._later.cancel()
        loop = asyncio.get_running_loop()
        self._later = None if seconds is None else loop.call_later(seconds, self._time_passed)

    def _time_passed(self) -> None:
        self._is_dirty = True
        self._render_soon()

    def _show(self, parts: Mapping[str, str]) -> None:
        fresh = {one: html for one, html in parts.items() if self._parts.get(one) != html}
        gone = [one for one in self._parts if one not in parts]
        self._parts = dict(parts)
        encoded = {one: frames.data(frames.part(one, html)) for one, html in fresh.items()}
        self._encoded = {one: encoded.get(one) or self._encoded[one] for one in parts}
        self._tag = frames.tag(f"{one} {html}" for one, html in parts.items())
        news = encoded | {one: frames.data(frames.part(one, "", frames.DELETE)) for one in gone}
        for seat in self.seats:
            self._offer(seat, self._encoded if seat in self._newcomers else news)
        self._newcomers.clear()
        self._shown.set()

    def _offer(self, seat: Seat, encoded: Mapping[str, bytes]) -> None:
        for identity, data in encoded.items():
            seat.offer_part(identity, data)
