"""The command line: what there is to say, and how it ends."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from console.cli import accounts, changes, clusters, definitions, reading
from console.cli.failures import MEANINGS, Exit, Failure
from console.cli.session import LOCAL, Session, here

SETTINGS = f"""\
settings, each also as a flag before the command:
  WAYBILL_URL    the address of the console (default {LOCAL})
  WAYBILL_TOKEN  your token; `waybill token issue` makes one for a script
  WAYBILL_TEAM   the team that is meant where none is named
  WAYBILL_CA     a file with the certificates to trust, where the system does not
"""
_INTERRUPTED = 130


def main(
    arguments: Sequence[str] | None = None, environment: Mapping[str, str] | None = None
) -> int:
    """Exit status of one command."""
    options = _parser().parse_args(arguments)
    session = Session(options, here() if environment is None else environment, print)
    try:
        status = int(options.run(session, options))
        sys.stdout.flush()
    except Failure as failure:
        return _fail(failure, options)
    except BrokenPipeError:
        sys.stderr.close()
        return int(Exit.DONE)
    except KeyboardInterrupt:
        return _INTERRUPTED
    return status


def _fail(failure: Failure, options: Namespace) -> int:
    lines = [failure.as_json()] if options.json else [f"waybill: {one}" for one in failure.lines()]
    print("\n".join(lines), file=sys.stderr)
    return int(failure.status)


@cache
def _parser() -> ArgumentParser:
    """Made once in a process: it keeps nothing of what it has parsed."""
    parser = ArgumentParser(
        prog="waybill",
        description="Models in service, as definitions and changes.",
        epilog=f"{SETTINGS}\n{_statuses()}",
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--url", help="instead of WAYBILL_URL")
    parser.add_argument(
        "--token", help="instead of WAYBILL_TOKEN; others on this machine see flags"
    )
    parser.add_argument("--team", help="instead of WAYBILL_TEAM")
    parser.add_argument("--ca", metavar="FILE", help="instead of WAYBILL_CA")
    parser.add_argument("--json", action="store_true", help="answer as the API does, in JSON")
    commands: Any = parser.add_subparsers(dest="command", required=True, metavar="command")
    for module in (reading, definitions, changes, clusters, accounts):
        module.add(commands)
    return parser


def _statuses() -> str:
    lines = [f"  {int(status)}  {meaning}" for status, meaning in MEANINGS.items()]
    return "\n".join(["exit status:", *lines])
