"""From what a metrics source answered to numbers of placements, replicas and routes. Pure.

Questions are asked once per signal, for all placements of a cluster. Each number then carries the
narrow query that gives it alone at the same evaluation time.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from inference.health.remarks import NONE, Remarks
from inference.health.signals import (
    NAMESPACE,
    OURS,
    PLACEMENT,
    POD,
    SIGNALS,
    Known,
    Merge,
    Signal,
)
from inference.messages import Message
from inference.messages import metrics as messages

Place = tuple[str, str]
"""The namespace of a placement, and the name of its objects."""
Labels = tuple[tuple[str, str], ...]
Vector = Mapping[Labels, float]
"""What an instant query answers. Labels are sorted; what is no number is left out."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A vector, and what was said beside it."""

    vector: Vector
    remarks: Remarks = NONE


_BY = (NAMESPACE, PLACEMENT)
_BY_REPLICA = (*_BY, POD)


@dataclass(frozen=True, slots=True)
class Backend:
    """A placement, as it is found in a metrics source."""

    id: UUID
    place: Place


@dataclass(frozen=True, slots=True)
class Face:
    """A route, and the placements behind it."""

    id: UUID
    backends: tuple[Backend, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One query for all placements that one generation of a signal answers for."""

    signal: Signal
    known: Known
    by_replica: bool

    @property
    def query(self) -> str:
        return self.known.expression(_BY_REPLICA if self.by_replica else _BY, OURS)


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number, or why there is none. `query` gives it alone; `name` is what answered."""

    kind: str
    subject: UUID
    signal: Signal
    replica: str = ""
    value: float | None = None
    name: str = ""
    query: str = ""
    message: Message | None = None
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    remarks: Remarks = NONE


Found = Mapping[Place, frozenset[str]]
"""Which series are there, by placement."""


def found(vector: Vector) -> dict[Place, frozenset[str]]:
    """From the answer to `signals.discovery()`."""
    names: dict[Place, set[str]] = defaultdict(set)
    for labels in vector:
        given = dict(labels)
        names[_place(given)].add(given.get("__name__", ""))
    return {place: frozenset(series) for place, series in names.items()}


def questions(there: Found, backends: Iterable[Backend]) -> list[Question]:
    """As many as signals and generations, however many placements there are."""
    asked: dict[Question, None] = {}
    for backend in backends:
        for signal in SIGNALS.values():
            known = signal.answered_by(there.get(backend.place, frozenset()))
            if known:
                asked[Question(signal, known, by_replica=False)] = None
            if known and signal.by_replica:
                asked[Question(signal, known, by_replica=True)] = None
    return list(asked)


def measure(
    there: Found,
    answers: Mapping[Question, Answered],
    backends: Iterable[Backend],
    faces: Iterable[Face],
    beside: Remarks = NONE,
) -> list[Measurement]:
    """The numbers of each placement and its replicas, and of each route what they come to.

    `beside`: what was said when it was asked what is there.
    """
    indexed = {question: _Indexed.of(answered) for question, answered in answers.items()}
    made: list[Measurement] = []
    of_placements: dict[tuple[UUID, str], Measurement] = {}
    for backend in backends:
        for signal in SIGNALS.values():
            known = signal.answered_by(there.get(backend.place, frozenset()))
            whole = _of_placement(backend, signal, known, indexed, beside)
            of_placements[backend.id, signal.key] = whole
            made.append(whole)
            if known and signal.by_replica:
                made += _of_replicas(backend, signal, known, indexed)
    for face in faces:
        for signal in SIGNALS.values():
            parts = [(one, of_placements[one.id, signal.key]) for one in face.backends]
            made.append(_of_route(face, signal, parts, there))
    return made


@dataclass(frozen=True, slots=True)
class _Indexed:
    """An answer by placement and pod; the pod is empty where it was not asked by."""

    values: Mapping[Place, Mapping[str, float]]
    remarks: Remarks

    @classmethod
    def of(cls, answered: Answered) -> "_Indexed":
        made: dict[Place, dict[str, float]] = defaultdict(dict)
        for labels, value in answered.vector.items():
            given = dict(labels)
            made[_place(given)][given.get(POD, "")] = value
        return cls(made, answered.remarks)


_NOTHING = _Indexed({}, NONE)
Indexed = Mapping[Question, _Indexed]


def place(labels: Labels) -> Place:
    """Whose series it is; empty parts where it is nobody's."""
    return _place(dict(labels))


def _place(labels: Mapping[str, str]) -> Place:
    return labels.get(NAMESPACE, ""), labels.get(PLACEMENT, "")


def _of_placement(
    backend: Backend, signal: Signal, known: Known | None, indexed: Indexed, beside: Remarks
) -> Measurement:
    if known is None:
        params = {"names": ", ".join(signal.names)}
        return Measurement(
            "placement",
            backend.id,
            signal,
            message=messages.NO_NAME,
            params=params,
            remarks=beside,
        )
    answer = indexed.get(Question(signal, known, by_replica=False), _NOTHING)
    values = answer.values.get(backend.place, {})
    query = known.expression(_BY, _of(backend.place))
    if "" not in values:
        return Measurement(
            "placement",
            backend.id,
            signal,
            name=known.name,
            query=query,
            message=messages.NO_VALUE,
            params={"name": known.name},
            remarks=answer.remarks,
        )
    return Measurement(
        "placement",
        backend.id,
        signal,
        value=values[""],
        name=known.name,
        query=query,
        remarks=answer.remarks,
    )


def _of_replicas(
    backend: Backend, signal: Signal, known: Known, indexed: Indexed
) -> list[Measurement]:
    answer = indexed.get(Question(signal, known, by_replica=True), _NOTHING)
    values = answer.values.get(backend.place, {})
    return [
        Measurement(
            "placement",
            backend.id,
            signal,
            replica=pod,
            value=value,
            name=known.name,
            query=known.expression(_BY_REPLICA, f'{_of(backend.place)},{POD}="{pod}"'),
            remarks=answer.remarks,
        )
        for pod, value in sorted(values.items())
    ]


_MERGES: dict[Merge, Callable[[list[float]], float]] = {
    Merge.SUM: math.fsum,
    Merge.MAX: max,
    Merge.MIN: min,
}


def _of_route(
    face: Face, signal: Signal, parts: Sequence[tuple[Backend, Measurement]], there: Found
) -> Measurement:
    """Of those that are known; `params` says of how many."""
    known = [(backend, one) for backend, one in parts if one.value is not None]
    remarks = reduce(or_, (one.remarks for _, one in parts), NONE)
    if not known:
        return Measurement("route", face.id, signal, message=messages.NO_BACKEND, remarks=remarks)
    value = _MERGES[signal.merge]([one.value or 0.0 for _, one in known])
    names = dict.fromkeys(one.name for _, one in known)
    return Measurement(
        "route",
        face.id,
        signal,
        value=value,
        name=", ".join(names),
        query=_merged(signal, [backend.place for backend, _ in known], there),
        params={"known": len(known), "backends": len(parts), "merge": signal.merge.value},
        remarks=remarks,
    )


def _merged(signal: Signal, places: Sequence[Place], there: Found) -> str:
    """One query over all of them, each by the generation that answers for it."""
    by_known: dict[Known, list[Place]] = defaultdict(list)
    for place in places:
        known = signal.answered_by(there[place])
        if known:
            by_known[known].append(place)
    parts = [known.expression(_BY, _of(*some)) for known, some in by_known.items()]
    return f"{signal.merge.value}({' or '.join(parts)})"


def _of(*places: Place) -> str:
    """Names of ours and of Kubernetes need no escaping, in a pattern or out of it."""
    namespaces = list(dict.fromkeys(namespace for namespace, _ in places))
    names = list(dict.fromkeys(name for _, name in places))
    return f"{_match(NAMESPACE, namespaces)},{_match(PLACEMENT, names)}"


def _match(label: str, values: Sequence[str]) -> str:
    if len(values) == 1:
        return f'{label}="{values[0]}"'
    return f'{label}=~"{"|".join(values)}"'
