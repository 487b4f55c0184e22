"""The people of a demo as they see the API, and a clock that tells what happens when."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from console.cli.rest import Rest
from console.demo.people import Person

PATIENCE = 180.0


class WalkFailed(Exception):
    """A step did not come to its end; says which, and what the API said last."""


@dataclass
class Company:
    """Everybody speaks through REST; `say` is given a line for each step."""

    platform: Rest
    author: Rest
    approver: Rest
    say: Callable[[str], object]
    began: float

    @classmethod
    def at(
        cls, address: str, people: Mapping[str, Person], say: Callable[[str], object]
    ) -> "Company":
        views = {name: Rest(address, person.token) for name, person in people.items()}
        return cls(
            platform=views["platform"],
            author=views["author"],
            approver=views["approver"],
            say=say,
            began=time.monotonic(),
        )

    def tell(self, text: str) -> None:
        self.say(f"{time.monotonic() - self.began:7.2f} s  {text}")

    def wait(self, what: str, look: Callable[[], Any]) -> Any:
        """What `look` gives as soon as it gives something. Raises WalkFailed in the end."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(0.1)
        raise WalkFailed(f"waited {PATIENCE:.0f} s for {what}")
