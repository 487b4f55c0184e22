"""A console to try, in one process and on a database of its own that is new at each start."""

import os
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from console.cli.failures import Failure
from console.demo import database, ground, people, telling, worlds
from console.demo.clusters import DemoCluster, from_outside, simulated
from console.demo.company import Company, WalkFailed
from console.demo.embedded import running
from console.demo.people import Person
from console.demo.scene import furnish
from console.demo.walk import walk
from inference.clusters.client.errors import ClusterUnavailable, ManifestRejected
from inference.errors import Refusal

HOST = "127.0.0.1"
LOOK_UP = 1.0
_kept = ExitStack()
"""What runs until the process ends: held by the command it would be taken down with that."""


class Command(BaseCommand):
    help = "Run everything in one process; --check walks a change to its first token and exits."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        ground.add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        if not os.environ.get(ground.MARK):
            again = [sys.executable, "-m", "console.demo", *sys.argv[2:]]
            os.execv(sys.executable, again)  # noqa: S606  (ourselves, on ground of our own)
        self._run(**options)

    def _run(
        self,
        *,
        check: bool,
        clusters: Sequence[Path],
        port: int,
        pace: float | None,
        **_others: Any,
    ) -> None:
        """Nothing is taken down at the end: it ends with the process, at once."""
        database.prepare()
        who = people.make(timezone.now())
        address = _kept.enter_context(serving(0 if check else port))
        company = Company.at(address, who, self._say)
        if not check:
            self._say(f"Waybill is at {address}/")
        found = (
            self._outside(clusters)
            if clusters
            else _kept.enter_context(
                simulated(worlds.for_walk(pace) if check else worlds.for_scene(pace))
            )
        )
        if check:
            self._walk(company, found)
        else:
            self._live(company, address, who, found)

    def _outside(self, kubeconfigs: Sequence[Path]) -> list[DemoCluster]:
        try:
            return from_outside(kubeconfigs)
        except (ClusterUnavailable, ManifestRejected, Refusal, OSError) as error:
            raise CommandError(f"The clusters could not be made ready: {error}") from None

    def _walk(self, company: Company, clusters: Sequence[DemoCluster]) -> None:
        try:
            walk(company, clusters)
        except (WalkFailed, Failure) as failure:
            raise CommandError(f"The walk ended early: {failure}") from None
        self._say("The walk came to its end.")

    def _live(
        self,
        company: Company,
        address: str,
        who: dict[str, Person],
        clusters: Sequence[DemoCluster],
    ) -> None:
        """Tell who is who, furnish, and stay. What cannot be furnished leaves the rest standing."""
        folder = Path(os.environ[ground.MARK])
        telling.write_files(folder, address, who, clusters)
        for line in telling.greeting(folder, address, who, clusters):
            self._say(line)
        try:
            if any(cluster.simulated is None for cluster in clusters):
                walk(company, clusters)
            else:
                furnish(company, clusters)
        except (WalkFailed, Failure) as failure:
            self.stderr.write(f"The demo could not be furnished to its end: {failure}")
        else:
            company.tell("all is furnished; press Ctrl-C to end it")
        _stay()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _stay() -> None:
    """Until a signal ends the process. Waking now and then: Python's main thread alone handles
    signals, and one that the kernel gives to another thread does not end its wait."""
    never = threading.Event()
    while not never.wait(LOOK_UP):
        pass


@contextmanager
def serving(port: int) -> Iterator[str]:
    """Every part at work. Raises CommandError before anything starts where the port is taken."""
    try:
        listening = socket.create_server((HOST, port))
    except OSError as error:
        raise CommandError(
            f"Port {port} cannot be had ({error.strerror}): take another one, make demo PORT=8001."
        ) from None
    with running(listening) as address:
        yield address
