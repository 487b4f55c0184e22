"""Views that turn stale announce nothing: time passes. So they are looked at, in one query."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from uuid import UUID

from inference.live.registry import scope_of
from inference.observation import freshness

Scope = tuple[UUID, str]
Look = Mapping[Scope, frozenset[tuple[str, str]]]
"""For each cluster and namespace, the kinds that cannot be seen now, and why."""


def scopes(followed: Iterable[str]) -> set[Scope]:
    return {scope for name in followed if (scope := scope_of(name)) is not None}


def look(wanted: Collection[Scope]) -> Look:
    return {scope: frozenset(_blind(view)) for scope, view in freshness.views(wanted).items()}


def _blind(view: freshness.View) -> Iterator[tuple[str, str]]:
    for kind, reason in view.blind.items():
        yield kind, reason.message.code
    if view.stop:
        yield freshness.NAMESPACE, str(view.stop)


def turned(before: Look, now: Look) -> list[str]:
    """Notices for the views of which more, or less, can be seen than before."""
    return [
        f"observed:{cluster}/{namespace or '-'}"
        for (cluster, namespace), blind in now.items()
        if before.get((cluster, namespace), blind) != blind
    ]
