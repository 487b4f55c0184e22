"""What can be watched: each topic has one function that says who may, what of it, and when anew."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from inference.accounts.models import User

Show = Callable[[], Mapping[str, str]]
Resolver = Callable[[User, str], "Feed | None"]

LONGEST = 120


def _nothing() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Feed:
    """One topic as one audience sees it.

    `show` returns its parts now, HTML by the `id` of their outermost element, and may take
    milliseconds: rows are read in it. It must not depend on anything but the audience. What is
    followed may come to be more: at a notice of `rests_on` the topic is asked for anew, and is
    another feed if its audience has another word.
    """

    follows: frozenset[str] | set[str]
    show: Show = field(default=_nothing)
    audience: str = ""
    tells: bool = False
    rests_on: frozenset[str] = frozenset()


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
