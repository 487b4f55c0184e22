"""Who is around while workers come and go: an observer, and controllers that follow a push."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections

from inference.clusters.models import WatchState
from inference.delivery.models import Push
from inference.rendering.objects import Phase
from tests.delivery.controllers import follow
from tests.delivery.lives import ROOT, environment
from tests.delivery.peer import Peer

PATIENCE = 90


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@contextmanager
def observed(folder: Path) -> Iterator[None]:
    """While an observer works on the rows of this test; it has seen everything that was there."""
    with (folder / "observer.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "observe"],
            cwd=ROOT,
            env=environment(),
            stdout=log,
            stderr=log,
        )
        try:
            until(WatchState.objects.exists)
            until(lambda: not WatchState.objects.filter(synced_at__isnull=True).exists())
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def attended(folder: Path, peer: Peer) -> Iterator[None]:
    """With an observer, and controllers that follow what a push has done with."""
    stop = threading.Event()

    def control() -> None:
        while not stop.wait(0.2):
            if Push.objects.filter(state=Push.State.VERIFYING).exists():
                follow(peer)
            elif Push.objects.filter(phase=Phase.WAIT).exists():
                follow(peer, routes=False)
        connections.close_all()

    controllers = threading.Thread(target=control, daemon=True)
    with observed(folder):
        controllers.start()
        try:
            yield
        finally:
            stop.set()
            controllers.join()
