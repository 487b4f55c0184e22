"""Looking again at who sits there: sessions end, roles and grants change, objects go."""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import structlog
from django.db import DatabaseError

from inference.live import access
from inference.live.access import Feeds
from inference.live.desk import Desk
from inference.live.pace import Pace
from inference.live.seats import Seat

SOME = 50
"""Pages that are asked for in one round for their age alone."""
CONCERN_ALL = {"grant", "gateway", "team"}

_log = structlog.get_logger("waybill.live")


class Doorkeeper:
    """Looks every few seconds, and at once at people whose access may have changed."""

    def __init__(
        self,
        desk: Desk,
        seats: set[Seat],
        seat_anew: Callable[[Seat, Feeds], None],
        pace: Pace,
    ) -> None:
        self._desk = desk
        self._seats = seats
        self._seat_anew = seat_anew
        self._pace = pace
        self._users: set[str] = set()
        self._all = False
        self._called = asyncio.Event()

    def hear(self, names: Iterable[str]) -> None:
        for name in names:
            kind, _, key = name.partition(":")
            if kind == "user":
                self._users.add(key)
            elif kind in CONCERN_ALL:
                self._all = True
            else:
                continue
            self._called.set()

    async def run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pace.access):
                    await self._called.wait()
            try:
                await self._look()
            except DatabaseError as error:
                _log.warning("database-unavailable", error=type(error).__name__)

    async def _look(self) -> None:
        """Three queries for all seats, and those of the topics of each that is suspect."""
        seats = [seat for seat in self._seats if not seat.is_closed]
        suspects = {seat for seat in seats if self._all or str(seat.user_id) in self._users}
        self._users, self._all = set(), False
        self._called.clear()
        if not seats:
            return
        valid = await self._desk.ask(access.valid, {seat.session_key for seat in seats})
        standings = await self._desk.ask(access.standings, {seat.user_id for seat in seats})
        for seat in seats:
            now = standings.get(seat.user_id)
            if seat.session_key not in valid or now is None:
                seat.dismiss("signed-out")
            elif now.password != seat.standing.password:
                seat.dismiss("again")
            elif now != seat.standing:
                seat.standing = now
                suspects.add(seat)
        before = time.monotonic() - self._pace.objects_again
        old = [seat for seat in seats if seat.asked_at < before]
        for seat in suspects | set(old[:SOME]):
            await self._ask_again(seat)

    async def _ask_again(self, seat: Seat) -> None:
        feeds = await self._desk.ask(access.feeds_again, seat.user_id, seat.names)
        if seat not in self._seats or seat.is_closed:
            return
        if feeds:
            self._seat_anew(seat, feeds)
        else:
            seat.dismiss("gone")
