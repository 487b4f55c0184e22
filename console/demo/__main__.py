"""`python -m console.demo`: on ground of its own, then as any command of the project."""

import os
import signal
import sys
import traceback
from types import FrameType

from console.demo import ground

INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """The exit status. Being told to stop is how a demo ends; a check that is stopped failed."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        # At once, wherever it is: an exception would have to get past whatever runs there.
        os._exit(INTERRUPTED if "--check" in arguments else 0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return _run(arguments)


def _run(arguments: list[str]) -> int:
    os.environ |= ground.enter(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

    from django.core.management import (  # noqa: PLC0415  (settings are read from here on)
        execute_from_command_line,
    )

    try:
        execute_from_command_line([sys.argv[0], "demo", *arguments])
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else 1
    except Exception:  # noqa: BLE001  (said as Python would say it)
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Whatever still runs are threads of ours, and rows that the next start throws away: nobody
    # waits for them.
    os._exit(status)
