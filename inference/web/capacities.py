"""Accelerators of a pool as pages show them: words, a bar, and devices node by node."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import ascii_lowercase
from typing import Any
from uuid import UUID

from inference.capacity.counting import NodeCount, PoolCount, State
from inference.changes.pools import Capacity, capacities
from inference.definitions.models import HardwarePool
from inference.web.tags import initials, number, plural

MOST_NODES = 40
MOST_BOXES = 16
"""Devices of one node that are drawn one by one; above, a bar tells."""
AGAIN = 30.0
"""Seconds: a count that nothing changes is as young as the last word of the watches."""
NAMED = 3
"""Clusters of one reason that are named; of more, the first."""
STATES = {
    State.READY: ("is-ok", "ok", "Ready"),
    State.NOT_READY: ("is-bad", "bad", "Not ready"),
    State.CORDONED: ("is-warn", "held", "Cordoned"),
    State.TAINTED: ("is-warn", "held", "Tainted"),
}


@dataclass(frozen=True)
class Piece:
    """One stretch of a bar, in percent."""

    look: str
    start: str
    width: str


@dataclass(frozen=True)
class Shown:
    """What is said of one pool. Without a `count`, `reason` says why; with one, why it is old."""

    count: PoolCount | None
    observed_at: datetime | None
    reason: str
    advice: str
    bar: Sequence[Piece]
    unseen: int

    @property
    def is_stale(self) -> bool:
        return bool(self.reason)

    @property
    def look(self) -> str:
        """A pool without a free device is full: nobody has to do anything about that alone."""
        if self.count is None or self.reason:
            return "is-off"
        return "is-ok" if self.count.free and not self.count.out_of_use else "is-warn"

    @property
    def note(self) -> str:
        if self.count is None or self.reason:
            return ""
        if not self.count.nodes:
            return "no node matches"
        if self.count.out_of_use:
            return f"{self.count.out_of_use} out of use"
        return "" if self.count.free else "full"


def shown_of(pools: Iterable[HardwarePool]) -> dict[UUID, Shown]:
    """By pool. Four queries, however many there are."""
    return {pool: shown(found) for pool, found in capacities(pools).items()}


def reasons_of(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Why the pools of a list are not counted now: each reason once, with the clusters it is of."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in rows:
        capacity = row["capacity"]
        if capacity.is_stale:
            of = found.setdefault((capacity.reason, capacity.advice), {})
            of[row["pool"].cluster.name] = None
    return [(_listed([*of]), reason, advice) for (reason, advice), of in found.items()]


def _listed(names: Sequence[str]) -> str:
    """The first of them, and how many more: never one alone."""
    if len(names) <= NAMED + 1:
        return ", ".join(names)
    return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more clusters"


def shown(found: Capacity) -> Shown:
    return Shown(
        found.count,
        found.observed_at,
        reason=found.blind.sentence if found.blind else "",
        advice=found.blind.message.advice(**found.blind.params) if found.blind else "",
        bar=bar_of(found.count) if found.count else (),
        unseen=len(found.unseen),
    )


def bar_of(count: PoolCount | NodeCount) -> list[Piece]:
    """In use by placements, by others, out of use, and free, from the left."""
    parts = (
        ("f-ink", count.placed),
        ("f-rule", count.others),
        ("is-bad f-c", count.out_of_use),
        ("f-soft", count.free),
    )
    whole, start, pieces = sum(devices for _, devices in parts), 0, []
    for look, devices in parts:
        if devices:
            width = max(0.5, 100 * devices / whole - 0.6)
            pieces.append(Piece(look, f"{100 * start / whole:.2f}%", f"{width:.2f}%"))
        start += devices
    return pieces


@dataclass(frozen=True)
class Box:
    """One device, and who holds it."""

    word: str
    title: str
    look: str = ""


@dataclass(frozen=True)
class Line:
    """One node: its devices one by one or, where they are many, as a bar."""

    node: NodeCount
    look: str
    icon: str
    word: str
    note: str
    boxes: Sequence[Box]
    bar: Sequence[Piece]


def lines_of(count: PoolCount, names: Mapping[str, str]) -> tuple[list[Line], str]:
    """The first nodes by name, and a sentence about the rest; of very many, what is wrong first.

    `names`: what the reader calls each placement; of other teams they see the devices alone.
    """
    nodes, marks = list(count.nodes), marks_of(names)
    if len(nodes) > MOST_NODES:
        nodes.sort(key=lambda one: (one.state is State.READY and not one.out_of_use, one.name))
    return [_line(one, names, marks) for one in nodes[:MOST_NODES]], _rest(nodes[MOST_NODES:])


def _rest(nodes: Sequence[NodeCount]) -> str:
    if not nodes:
        return ""
    free, out = sum(one.free for one in nodes), sum(one.out_of_use for one in nodes)
    devices = sum(one.devices for one in nodes)
    said = f"{plural(len(nodes), 'more node')} with {plural(devices, 'accelerator')}"
    return f"{said}: at most {number(free)} free, {number(out)} out of use."


def marks_of(names: Mapping[str, str]) -> dict[str, str]:
    """What stands on the devices of each placement: initials, and a letter if two share them."""
    shared: dict[str, list[str]] = {}
    for placement, name in sorted(names.items(), key=lambda one: (one[1], one[0])):
        shared.setdefault(initials(name), []).append(placement)
    return {
        placement: mark if len(placements) == 1 else f"{mark}{_letters(place)}"
        for mark, placements in shared.items()
        for place, placement in enumerate(placements)
    }


def _letters(place: int) -> str:
    """a to z, then aa, ab and so on."""
    more, rest = divmod(place, len(ascii_lowercase))
    return (_letters(more - 1) if more else "") + ascii_lowercase[rest]


def _line(node: NodeCount, names: Mapping[str, str], marks: Mapping[str, str]) -> Line:
    look, icon, word = STATES[node.state]
    is_drawn = node.devices <= MOST_BOXES
    return Line(
        node,
        look,
        icon,
        word,
        note=_note(node, names),
        boxes=list(_boxes(node, names, marks))[:MOST_BOXES] if is_drawn else (),
        bar=() if is_drawn else bar_of(node),
    )


def _note(node: NodeCount, names: Mapping[str, str]) -> str:
    """The same in words."""
    hidden = sum(devices for placement, devices in node.holders if placement not in names)
    parts = [f"{names[one]} {devices}" for one, devices in node.holders if one in names]
    parts += [f"other teams {hidden}"] if hidden else []
    parts += [f"not placed by Waybill {node.others}"] if node.others else []
    parts += [f"out of use {node.out_of_use}"] if node.out_of_use else []
    parts += [f"taint {node.taint}"] if node.taint else []
    return ", ".join(parts) or ("nothing seen on it" if node.devices else "no devices")


def _boxes(node: NodeCount, names: Mapping[str, str], marks: Mapping[str, str]) -> Iterable[Box]:
    for placement, devices in node.holders:
        mark, name = marks.get(placement, "…"), names.get(placement, "another team")
        yield from [Box(mark, name)] * devices
    yield from [Box("else", "not placed by Waybill")] * node.others
    yield from [Box("out", "out of use", "sick")] * node.out_of_use
    yield from [Box("free", "free, as far as is seen", "free")] * node.free


def legend_of(count: PoolCount, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Who holds how many, by name."""
    marks, found = marks_of(names), dict[tuple[bool, str, str], int]()
    for placement, devices in count.by_placement.items():
        name = names.get(placement, "")
        key = (not name, name or "other teams", marks.get(placement, "…"))
        found[key] = found.get(key, 0) + devices
    return [
        {"word": mark, "name": name, "devices": devices}
        for (_, name, mark), devices in sorted(found.items())
    ]
