"""How a Deployment moves from old pods to new ones, as arithmetic. Pure.

The numbers are those of the real controller: never fewer available than `floor`, never more pods
than `ceiling`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Group:
    """A ReplicaSet in numbers. `wanted` is its spec, `available` its status."""

    name: str
    wanted: int
    available: int = 0
    created: str = ""
    ceiling_before: int | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    replicas: int
    surge: int
    unavailable: int

    @property
    def ceiling(self) -> int:
        return self.replicas + self.surge

    @property
    def floor(self) -> int:
        return self.replicas - self.unavailable


def bounds(replicas: int, surge: int | str, unavailable: int | str) -> Bounds:
    """Percentages count up for the surge and down for what may be missing; both are never 0."""
    up = scaled(surge, replicas, round_up=True)
    down = scaled(unavailable, replicas, round_up=False)
    if up == 0 and down == 0:
        down = 1
    return Bounds(replicas, up, min(down, replicas))


def scaled(value: int | str | Any, total: int, *, round_up: bool) -> int:
    """A number, or a share of `total` such as "25%"."""
    if isinstance(value, str) and value.endswith("%"):
        product = int(value[:-1]) * total
        return -(-product // 100) if round_up else product // 100
    return int(value)


def new_size(limits: Bounds, new: Group, others: Sequence[Group]) -> int:
    """How large the new group may be now."""
    if new.wanted >= limits.replicas:
        return limits.replicas
    standing = new.wanted + sum(group.wanted for group in others)
    if standing >= limits.ceiling:
        return new.wanted
    return new.wanted + min(limits.ceiling - standing, limits.replicas - new.wanted)


def old_sizes(limits: Bounds, new: Group, others: Sequence[Group]) -> dict[str, int]:
    """Those of the old groups that shrink now: first what does not serve anyway, oldest first."""
    standing = new.wanted + sum(group.wanted for group in others)
    room = standing - limits.floor - (new.wanted - new.available)
    if room <= 0:
        return {}
    groups = sorted(others, key=lambda group: (group.created, group.name))
    groups = _without_unhealthy(groups, room)
    spare = new.available + sum(group.available for group in groups) - limits.floor
    for index, group in enumerate(groups):
        if spare <= 0:
            break
        less = min(group.wanted, spare)
        groups[index] = replace(group, wanted=group.wanted - less)
        spare -= less
    before = {group.name: group.wanted for group in others}
    return {g.name: g.wanted for g in groups if g.wanted != before[g.name]}


def _without_unhealthy(groups: Sequence[Group], room: int) -> list[Group]:
    cleaned = []
    for group in groups:
        less = min(room, max(0, group.wanted - group.available))
        room -= less
        cleaned.append(replace(group, wanted=group.wanted - less))
    return cleaned


def proportional(limits: Bounds, groups: Sequence[Group], newest: str) -> dict[str, int]:
    """A change of size in the middle of a rollout: each group grows or shrinks by its share.

    `ceiling_before` says how many pods there might have been before the change.
    """
    active = [group for group in groups if group.wanted]
    allowed = limits.ceiling if limits.replicas else 0
    rest = allowed - sum(group.wanted for group in active)
    if not active or rest == 0:
        return {}
    # Growing, the newer of two equals comes first; shrinking, the older.
    by_age = sorted(active, key=lambda g: (g.name == newest, g.created), reverse=rest > 0)
    ordered = sorted(by_age, key=lambda group: -group.wanted)
    sizes: dict[str, int] = {}
    added = 0
    for group in ordered:
        share = _share(limits, group, rest, added)
        sizes[group.name] = group.wanted + share
        added += share
    first = ordered[0].name
    sizes[first] = max(0, sizes[first] + rest - added)
    return {g.name: sizes[g.name] for g in ordered if sizes[g.name] != g.wanted}


def _share(limits: Bounds, group: Group, rest: int, added: int) -> int:
    if rest == added:
        return 0
    if limits.replicas == 0:
        part = -group.wanted
    else:
        before = group.ceiling_before or limits.ceiling
        part = (2 * group.wanted * limits.ceiling + before) // (2 * before) - group.wanted
    left = rest - added
    return min(part, left) if rest > 0 else max(part, left)
