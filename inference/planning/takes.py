"""Fields that a change takes back by force from those who hold them, each by its name. Pure.

A path is spelt as `field_sets` spells it, without the first dot.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from inference.field_sets import held_values, in_a_conflict
from inference.manifests import Manifest

Conflicts = Iterable[tuple[str, str]]
"""Pairs of manager and field, as a cluster names them when it refuses."""


@dataclass(frozen=True, slots=True, order=True)
class Take:
    """One field of one object, and the manager whom it is taken from."""

    cluster: str
    kind: str
    namespace: str
    name: str
    path: str
    manager: str

    @property
    def field(self) -> tuple[str, str]:
        return (self.path, self.manager)


@dataclass(frozen=True, slots=True, order=True)
class Hold:
    """A field of ours that `manager` holds. `live` and `ours` are values for people."""

    path: str
    manager: str
    live: str = ""
    ours: str = ""


def covers(fields: Iterable[tuple[str, str]], conflicts: Conflicts) -> bool:
    """Whether each conflict is about one of these pairs of path and manager, and there is one."""
    allowed = {(manager, in_a_conflict(f".{path}")) for path, manager in fields}
    met = set(conflicts)
    return bool(met) and met <= allowed


def holds(live: Manifest | None, conflicts: Conflicts) -> tuple[Hold, ...]:
    """Who holds what, and at which value. What the object does not tell has none."""
    known = {
        (manager, in_a_conflict(path)): Hold(path.removeprefix("."), manager, value)
        for manager, path, value in held_values(live or {})
    }
    met = sorted(set(conflicts))
    return tuple(
        known.get((manager, field), Hold(field.removeprefix("."), manager))
        for manager, field in met
    )
