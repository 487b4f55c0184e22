"""Celery: an executor and a wake-up. Rows are the truth; nothing here is remembered."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

app = Celery("waybill")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["inference"], related_name="tasks")

_sweepers: list[Any] = []


@worker_ready.connect
def spare_what_stays(**_signal: object) -> None:
    """What was imported lives as long as the worker: looking through it again and again for cycles
    costs a push a tenth of a second, twice. And hundreds of answers are held while they are written
    down: looking through those for each seven hundred new objects is no use either."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


@worker_ready.connect
def _start_sweeper(**_signal: object) -> None:
    """Every worker has the clock that makes it independent of the broker."""
    from inference.outbox.sweeper import Sweeper  # noqa: PLC0415  (tables need Django set up)

    sweeper = Sweeper()
    sweeper.start()
    _sweepers.append(sweeper)


@worker_shutting_down.connect
def _stop_sweeper(**_signal: object) -> None:
    while _sweepers:
        _sweepers.pop().stop()
