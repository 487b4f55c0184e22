"""Where a test may kill a worker. Inert unless `WAYBILL_FAILPOINTS` says otherwise.

`WAYBILL_FAILPOINTS=push.after_patch:kill@3` ends the process by SIGKILL the third time that the
point is passed; `:raise` raises instead, `:die` what nobody catches; `:sleep=2` waits.
`WAYBILL_FAILPOINTS_LOG=FILE` writes down each point that is passed. Settings refuse both in
production.
"""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_script = os.environ.get("WAYBILL_FAILPOINTS", "")
_log = os.environ.get("WAYBILL_FAILPOINTS_LOG", "")
_passed: Counter[str] = Counter()
_lock = threading.Lock()

POINTS: set[str] = set()
"""Every point that the imported code declares, for the suite that kills at each of them."""


class FailpointRaised(RuntimeError):
    """A test asked for this."""


class Died(BaseException):
    """As near to SIGKILL as a test comes within its own process."""


def declare(*names: str) -> None:
    """A module names its points when it is imported, so that the suite can list them."""
    POINTS.update(names)


def failpoint(name: str) -> None:
    """Pass the point `name`. Costs one comparison when nothing is asked for."""
    if not _script and not _log:
        return
    with _lock:
        _passed[name] += 1
        count = _passed[name]
        if _log:
            with Path(_log).open("a") as log:
                log.write(f"{name}\n")
    for entry in filter(None, _script.split(",")):
        point, _, deed = entry.partition(":")
        deed, _, occurrence = deed.partition("@")
        if point == name and (not occurrence or int(occurrence) == count):
            _do(deed)


@contextmanager
def scripted(script: str) -> Iterator[None]:
    """For tests in this process: the script, with points counted from here."""
    global _script  # noqa: PLW0603  (one script per process, as the environment gives it)
    before, _script = _script, script
    _passed.clear()
    try:
        yield
    finally:
        _script = before


def _do(deed: str) -> None:
    if deed == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif deed == "raise":
        raise FailpointRaised
    elif deed == "die":
        raise Died
    elif deed.startswith("sleep="):
        time.sleep(float(deed.removeprefix("sleep=")))
