"""A console to try, in one process and on a database of its own that is new at each start."""

import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from console.demo import people
from console.demo.clusters import DemoCluster, from_outside
from console.demo.embedded import running
from console.demo.people import Person
from console.demo.rest import Refused
from console.demo.walk import WalkFailed, walk
from inference.clusters.client.errors import ClusterUnavailable, ManifestRejected
from inference.errors import Refusal

MARK = "WAYBILL_DEMO"


class Command(BaseCommand):
    help = "Run everything in one process; --check walks a change to its first token and exits."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="walk, then exit")
        parser.add_argument("--clusters", nargs="+", type=Path, default=[], metavar="KUBECONFIG")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        if not os.environ.get(MARK):
            _start_anew()
        call_command("migrate", verbosity=0)
        try:
            clusters = from_outside(options["clusters"])
        except (ClusterUnavailable, ManifestRejected, Refusal, OSError) as error:
            raise CommandError(f"The clusters could not be made ready: {error}") from None
        who = people.make(timezone.now())
        with running("127.0.0.1", 0 if options["check"] else options["port"]) as address:
            if options["check"]:
                self._check(address, who, clusters)
            else:
                self._serve(address, who)

    def _check(self, address: str, who: dict[str, Person], clusters: list[DemoCluster]) -> None:
        if not clusters:
            raise CommandError("Name the kubeconfig of a cluster with --clusters.")
        try:
            walk(address, who, clusters, self.stdout.write)
        except (WalkFailed, Refused) as failure:
            raise CommandError(f"The walk ended early: {failure}") from None
        self.stdout.write("The walk came to its end.")

    def _serve(self, address: str, who: dict[str, Person]) -> None:
        self.stdout.write(
            f"Waybill serves REST at {address}/api/v1/ and the admin at {address}/admin/"
        )
        for name, person in who.items():
            self.stdout.write(f"  {name:9} password {person.password}  token {person.token}")
        self.stdout.write("They hold until this ends: press Ctrl-C.")
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        stop.wait()


def _start_anew() -> None:
    """Again as the same command, on a folder of its own: never on a database with work in it."""
    folder = Path(settings.BASE_DIR) / "var" / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = os.environ | {
        MARK: "1",
        "WAYBILL_VAR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "WAYBILL_BROKER_URL": "memory://",
        "WAYBILL_LOG_LEVEL": os.environ.get("WAYBILL_LOG_LEVEL", "ERROR"),
    }
    os.execve(sys.executable, [sys.executable, *sys.argv], environment)  # noqa: S606  (ourselves)
