"""The clock of every worker: takes up what a lost wake-up or a dead worker left behind."""

import os
import threading
import time
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

    One per worker process. Independent of the broker.
    """

    def __init__(self, slots: int = 8) -> None:
        self._slots = slots
        self._pool = ThreadPoolExecutor(slots, thread_name_prefix="sweep")
        self._free = threading.Semaphore(slots)
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
                for topic, key in running.due(self._slots):
                    if self._free.acquire(blocking=False):
                        self._pool.submit(self._run, topic, key)
                self._ticked = time.monotonic()
            except DatabaseError as error:
                self._ticked = time.monotonic()  # the database is down, this process is not
                _log.warning("database-unavailable", error=type(error).__name__)
            finally:
                close_old_connections()

    def _run(self, topic: str, key: str) -> None:
        try:
            running.run(topic, key)
        except DatabaseError as error:
            _log.warning("database-unavailable", error=type(error).__name__)
        finally:
            close_old_connections()
            self._free.release()

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
