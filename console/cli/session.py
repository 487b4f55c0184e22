"""What every command is given: the API, who asks, and how to answer."""

import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from console.cli.failures import Failure
from console.cli.printing import table, to_json, to_yaml
from console.cli.rest import Rest

LOCAL = "http://127.0.0.1:8000"


class Session:
    """Flags win over WAYBILL_URL, WAYBILL_TOKEN, WAYBILL_CA and WAYBILL_TEAM."""

    def __init__(
        self, options: Namespace, environment: Mapping[str, str], say: Callable[[str], object]
    ) -> None:
        self._options = options
        self._environment = environment
        self._say = say
        self.sleep = time.sleep

    @cached_property
    def rest(self) -> Rest:
        ca = self._setting("ca")
        return Rest(
            self._setting("url") or LOCAL,
            self._setting("token"),
            ca=Path(ca) if ca else None,
        )

    @cached_property
    def team(self) -> str:
        """The one that was named, or the only one in which the asker has a role."""
        given = self._setting("team")
        if given:
            return given
        teams = sorted({str(role["team"]) for role in self.rest.get("/me/")["roles"]})
        if len(teams) != 1:
            known = f": {', '.join(teams)}" if teams else ""
            raise Failure(f"Say which team with --team{known}.")
        return teams[0]

    def show(self, value: Any) -> int:
        """One thing, as YAML or JSON."""
        self._say(to_json(value) if self._options.json else to_yaml(value).rstrip("\n"))
        return 0

    def show_rows(self, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> int:
        self.say(to_json(rows) if self._options.json else "\n".join(table(columns, rows)))
        return 0

    def tell(self, sentence: str, value: Any) -> int:
        """What was done: a sentence for people, the answer of the API for programs."""
        self._say(to_json(value) if self._options.json else sentence)
        return 0

    def say(self, text: str) -> int:
        """As it is: documents, manifests."""
        self._say(text)
        return 0

    def hint(self, text: str) -> None:
        """Beside the answer: programs do not read it."""
        print(text, file=sys.stderr)

    def _setting(self, name: str) -> str:
        given: str | None = getattr(self._options, name, None)
        return given or self._environment.get(f"WAYBILL_{name.upper()}", "")


def here() -> Mapping[str, str]:
    return os.environ


def read_text(path: Path) -> str:
    """A file, or standard input for `-`. Raises Failure."""
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text()
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise Failure(f"{path} cannot be read: {reason}.") from None
