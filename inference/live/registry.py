"""What can be watched: each topic has one function that says who may, what of it, and when anew."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from inference.accounts.models import User

Show = Callable[[], Mapping[str, str]]
Also = Callable[[], Collection[str]]
Resolver = Callable[[User, str], "Feed | None"]

LONGEST = 1200
"""A topic of rows names them all."""


class Parts(dict[str, str]):
    """Parts that time alone may change: `again` is after how many seconds, or None."""

    again: float | None = None


def _nothing() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Feed:
    """One topic as one audience sees it.

    `show` returns its parts now, HTML by the `id` of their outermost element, and may take
    milliseconds: rows are read in it. It must not depend on anything but the audience.

    Where what is shown leads to further rows that come and go, `also` names the notices about
    those, and is asked before each rendering. `every`: seconds from one rendering to the next, at
    least; for what many rows flow into. Where time alone may change what is shown, `show` returns
    `Parts` that say after how long.
    """

    follows: frozenset[str] | set[str]
    show: Show = field(default=_nothing)
    audience: str = ""
    tells: bool = False
    also: Also = field(default=frozenset)
    every: float = 0.0

    def look(self) -> tuple[frozenset[str], Mapping[str, str]]:
        """Which notices it follows by now, and its parts: in this order, so that nothing between
        the two is missed."""
        return frozenset(self.follows) | frozenset(self.also()), self.show()


_resolvers: dict[str, Resolver] = {}


def topic(kind: str) -> Callable[[Resolver], Resolver]:
    """Enter the function for topics `kind:key`. It is asked at each connect, with the person."""

    def enter(resolver: Resolver) -> Resolver:
        _resolvers[kind] = resolver
        return resolver

    return enter


def feed_of(user: User, name: str) -> Feed | None:
    """The topic as `user` may see it; None for what is not there, or not for them."""
    kind, _, key = name.partition(":")
    resolver = _resolvers.get(kind)
    if resolver is None or len(name) > LONGEST:
        return None
    try:
        return resolver(user, key)
    except (ValueError, ValidationError):  # a key that no row can have
        return None


def told_as(name: str) -> str:
    """The event by which a page hears that `name` has changed."""
    return "changed-" + "".join(letter if letter.isalnum() else "-" for letter in name)


def prefixes(name: str) -> list[str]:
    """A notice and all that is above it: `a:b/c` is beneath `a:b`, and that beneath `a`."""
    ends = [place for place, letter in enumerate(name) if letter in ":/"]
    return [*(name[:end] for end in ends), name]


def scope_of(name: str) -> tuple[UUID, str] | None:
    """The cluster and namespace of a notice about what was observed."""
    kind, _, path = name.partition(":")
    cluster, _, rest = path.partition("/")
    if kind != "observed" or not rest:
        return None
    namespace = rest.split("/")[0]
    return UUID(cluster), "" if namespace == "-" else namespace


def options() -> dict[str, Any]:
    """Kinds of topics that are known, for those who look whether all were registered."""
    return dict(_resolvers)
