"""Where a demo stands: a folder and an environment of its own, made before Django starts.

Whatever database the environment names, a demo never touches it.
"""

import fcntl
import os
import shutil
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path

MARK = "WAYBILL_DEMO"
VAR = Path(__file__).resolve().parents[2] / "var"
_LOCK = ".waybill-demo"
MOST_PORTS = 65_535
_held: list[int] = []
"""Descriptors of locks: they last as long as this process."""


def add_options(parser: ArgumentParser) -> None:
    """What the command takes, said once for before and after Django's start."""
    parser.add_argument("--check", action="store_true", help="walk a change, then exit")
    parser.add_argument(
        "--clusters",
        nargs="+",
        type=Path,
        default=[],
        metavar="KUBECONFIG",
        help="of administrators of clusters from outside, instead of simulated ones",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=8000,
        help="0 is any that is free (default 8000)",
    )
    parser.add_argument(
        "--pace",
        type=float,
        help="real seconds in a second of the simulated clusters (default 1; a check takes 0.1)",
    )
    parser.add_argument("--folder", type=Path, help="for what it keeps; wiped at each start")


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= MOST_PORTS):
        raise ArgumentTypeError(f"{text} is no port: give a number up to {MOST_PORTS}")
    return int(text)


def enter(arguments: Sequence[str]) -> dict[str, str]:
    """The environment of a demo. Wipes its folder; exits where another demo runs in it."""
    parser = ArgumentParser(add_help=False)
    add_options(parser)
    options, _ = parser.parse_known_args(arguments)
    folder: Path = (options.folder or VAR / ("demo-check" if options.check else "demo")).resolve()
    absent = [str(path) for path in options.clusters if not path.is_file()]
    if absent:
        raise SystemExit(f"There is no kubeconfig {', '.join(absent)}.")
    _make(folder)
    _lock(folder)
    _wipe(folder)
    return {
        MARK: str(folder),
        "WAYBILL_VAR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "WAYBILL_BROKER_URL": "memory://",
        "WAYBILL_LOG_LEVEL": os.environ.get("WAYBILL_LOG_LEVEL", "ERROR"),
    }


def _make(folder: Path) -> None:
    """Only what a demo has made is ever wiped."""
    if folder.is_dir() and not (folder / _LOCK).exists() and any(folder.iterdir()):
        raise SystemExit(f"{folder} holds other things: name a new folder with --folder.")
    folder.mkdir(parents=True, exist_ok=True)


def _lock(folder: Path) -> None:
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(descriptor, True)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise SystemExit(
            f"A demo runs in {folder} already: stop it, or name another folder with --folder."
        ) from None
    _held.append(descriptor)


def _wipe(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name == _LOCK:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
