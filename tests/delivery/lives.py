"""Lives of workers: started, killed by SIGKILL, and what the broker loses or says ten times."""

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from celery import Celery

from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from inference.delivery.models import Push
from inference.outbox.posting import WAKE_TASK
from tests import databases

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90
KILLED = -9
WHEN_TOLD = "--when-told"
"""To `tests.delivery.worker`: it begins when its standard input ends."""
COPIES = 5


def environment(**more: str) -> dict[str, str]:
    """For another process that works on the rows of this test."""
    return {**os.environ, "DATABASE_URL": databases.url(), **more}


@dataclass(frozen=True)
class Lives:
    """Workers on the rows of this test, one after the other. Without a broker, rows must do."""

    folder: Path
    broker: str = ""

    def begin(self, *flags: str, script: str = "", **more: Any) -> "subprocess.Popen[bytes]":
        """A worker, to be waited for by its own pid."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.delivery.worker", *flags],
                cwd=ROOT,
                env=environment(
                    WAYBILL_BROKER_URL=self.broker or "memory://",
                    WAYBILL_LEASE_SECONDS="2",
                    WAYBILL_SWEEP_SECONDS="0.05",
                    WAYBILL_FAILPOINTS=script,
                ),
                stdout=log,
                stderr=log,
                **more,
            )

    @contextmanager
    def another(self, *flags: str) -> Iterator[Callable[[], None]]:
        """A life that stands ready, and does nothing before what is yielded is called.

        Its program is read in while the one before it lives: half of a short life is that.
        """
        with self.begin(*flags, WHEN_TOLD, stdin=subprocess.PIPE) as worker:
            try:
                yield lambda: self._lived(worker)
            finally:
                worker.kill()

    def _lived(self, worker: "subprocess.Popen[bytes]") -> None:
        """Told to begin, and left alone until nothing is left to do."""
        assert worker.stdin is not None
        worker.stdin.close()
        code = worker.wait(PATIENCE)
        assert code == 0, self.log.read_text()

    def die(self, script: str, *flags: str) -> None:
        """One life that ends at a failpoint."""
        code = self.begin(*flags, script=script).wait(PATIENCE)
        assert code == KILLED, f"{script} was not passed ({code}): {self.log.read_text()}"

    def end(self, *flags: str) -> None:
        """One life that is left alone until nothing is left to do."""
        with self.another(*flags) as live:
            live()

    def forget(self) -> None:
        """The broker loses everything that it was told."""
        with redis.Redis.from_url(self.broker) as server:
            server.flushall()

    def babble(self, seed: int) -> None:
        """Every wake-up that there can be, several times and in no order; of others' rows too."""
        told = [("changes.plan", pk) for pk in ChangeRequest.objects.values_list("pk", flat=True)]
        told += [("delivery.start", key) for _, key in told]
        clusters = Cluster.objects.values_list("pk", flat=True)
        told += [("delivery.converge", str(key)) for key in clusters]
        told += [("delivery.verify", key) for key in range(1, Push.objects.count() + 3)]
        told += [("of.another.release", 1), ("delivery.start", 10**6)]
        told *= COPIES
        random.Random(seed).shuffle(told)
        with Celery(broker=self.broker, set_as_current=False) as app:
            for topic, key in told:
                app.send_task(WAKE_TASK, kwargs={"topic": topic, "key": str(key)}, retry=False)

    @property
    def log(self) -> Path:
        return self.folder / "worker.log"


def die_and_go_on(lives: Lives, script: str, *flags: str) -> None:
    """Killed at a point, then left alone until everything has ended."""
    with lives.another(*flags) as go_on:
        lives.babble(seed=len(script))
        lives.die(script, *flags)
        lives.forget()
        go_on()
