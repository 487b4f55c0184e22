"""The clock of every worker: takes up what a lost wake-up or a dead worker left behind."""

import os
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from inference.outbox import running

_log = structlog.get_logger("waybill.sweeper")
STUCK = 70
"""Exit code of a worker that made no progress; whoever supervises it starts another."""


class Sweeper:
    """Claims due rows each second, renews this process's claims, and ends a process that hangs.

    One per worker process. Independent of the broker. No topic takes more than half of the
    places, so that what waits for a sick cluster leaves room for the rest.
    """

    def __init__(self, slots: int = 8) -> None:
        self._slots = slots
        self._pool = ThreadPoolExecutor(slots, thread_name_prefix="sweep")
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._ticked = time.monotonic()
        self._threads = [
            threading.Thread(target=target, name=target.__name__.strip("_"), daemon=True)
            for target in (self._sweep, self._beat, self._watch)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=5)
        self._pool.shutdown(wait=True)

    def _sweep(self) -> None:
        while not self._stop.wait(settings.SWEEP_EVERY.total_seconds()):
            try:
                self._take_up()
            except DatabaseError as error:  # the database is down, this process is not
                _log.warning("database-unavailable", error=type(error).__name__)
            finally:
                self._ticked = time.monotonic()
                close_old_connections()

    def _take_up(self) -> None:
        most = max(1, self._slots // 2)
        full = {topic for topic, count in self._taken.items() if count >= most}
        for topic, key in running.due(self._slots, but=full):
            with self._lock:
                has_room = self._taken.total() < self._slots and self._taken[topic] < most
                self._taken[topic] += has_room
            if has_room:
                self._pool.submit(self._run, topic, key)

    def _run(self, topic: str, key: str) -> None:
        try:
            running.run(topic, key)
        except DatabaseError as error:
            _log.warning("database-unavailable", error=type(error).__name__)
        finally:
            close_old_connections()
            with self._lock:
                self._taken[topic] -= 1

    def _beat(self) -> None:
        while not self._stop.wait(settings.LEASE.total_seconds() / 6):
            try:
                running.renew()
            except DatabaseError as error:
                _log.warning("database-unavailable", error=type(error).__name__)
            finally:
                close_old_connections()

    def _watch(self) -> None:
        limit = settings.WATCHDOG.total_seconds()
        while not self._stop.wait(limit / 12):
            silent = time.monotonic() - self._ticked
            if max(silent, running.longest_run()) > limit:
                _log.critical("no-progress", seconds=round(silent))
                os._exit(STUCK)
