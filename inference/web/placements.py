"""Placements of served models for pages: how far each came, and each of its replicas."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from inference.definitions.models import Placement
from inference.definitions.models.definitions import DefinitionQuerySet
from inference.delivery import sync
from inference.observation import readiness
from inference.observation.assessment import Readiness, Rung
from inference.observation.readiness import Replica, Standing, Subject
from inference.observation.timing import Times
from inference.web import badges

RUNGS = (
    (Rung.ACCEPTED, "Accepted"),
    (Rung.SCHEDULED, "Scheduled"),
    (Rung.WEIGHTS_LOADED, "Weights loaded"),
    (Rung.ENGINE_READY, "Engine ready"),
    (Rung.REGISTERED, "At the picker"),
)
TITLES = [title for _, title in RUNGS]
MOST_REPLICAS = 64
UNTIMED = Times()


@dataclass(frozen=True)
class Line:
    """One line of the ladder: a replica, or the whole placement where there is none to be seen.

    `word` stands at the rung where it stopped; `reason` and `advice` below it, once.
    """

    name: str
    note: str
    rungs: Sequence[dict[str, Any]]
    look: str = ""
    word: str = ""
    reason: str = ""
    advice: str = ""

    @property
    def place(self) -> str:
        """Where the line is too short for the names of rungs: `3 of 5: weights loaded`."""
        passed = [rung["title"].lower() for rung in self.rungs if rung["passed"]]
        return ": ".join([f"{len(passed)} of {len(self.rungs)}", *passed[-1:]])


def placements_of(models: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """By model, each with how far it has come. Seven queries."""
    made: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for one in standing_of(Placement.objects.filter(served_model__in=list(models))):
        made[one["row"].served_model_id].append(one)
    return made


def standing_of(queryset: DefinitionQuerySet[Placement]) -> list[dict[str, Any]]:
    """Each with its word, its lines of the ladder, and whether it is as it was pushed."""
    related = ("pool__team", "cluster", "served_model__team")
    rows = list(queryset.live().select_related(*related).order_by("pool__name", "pk"))
    found = readiness.standings(
        Subject(row.pk, row.cluster_id, row.namespace, row.object_name) for row in rows
    )
    pushed = sync.of_placements(row.pk for row in rows)
    return [_shown(row, found[row.pk], pushed.get(row.pk, sync.NOTHING)) for row in rows]


def serving_of(placements: Sequence[dict[str, Any]]) -> badges.Badge:
    """The worst of its placements speaks for the model."""
    if not placements:
        return badges.NOWHERE
    worst = min(placements, key=lambda one: badges.WORST_FIRST.index(one["word"]))
    found: badges.Badge = worst["badge"]
    return found


def again_of(placements: Iterable[dict[str, Any]]) -> float | None:
    """Seconds after which what is under way now may count as stopped, though nothing happens."""
    looks = {line.look for one in placements for line in one["lines"]}
    return settings.SETTLE.total_seconds() + 1 if "is-busy" in looks else None


def _shown(row: Placement, standing: Standing, pushed: sync.Row) -> dict[str, Any]:
    found = standing.readiness
    word = badges.word_of(found, row.replicas)
    lines = _lines(row, standing)
    said = {line.reason for line in lines}
    return {
        "row": row,
        "word": word,
        "badge": badges.serving(word, found.brief),
        "sentence": found.sentence,
        "sync": badges.sync_of(pushed),
        "picker": _picker_of(standing),
        "ready": _ready(standing),
        "lines": lines,
        "advice": "" if found.sentence in said else found.advice(row.namespace),
        "is_said": found.sentence in said,
    }


def _ready(standing: Standing) -> int | None:
    """As they were last seen; None where nobody has seen any."""
    if not standing.replicas and not standing.readiness.is_known:
        return None
    return sum(one.stop is None for one in standing.replicas)


def _picker_of(standing: Standing) -> dict[str, str]:
    """Whether it picks; unknown where nobody sees it."""
    stop = standing.picker
    if not standing.readiness.is_known or (stop and not stop.is_known):
        return {"look": "is-off", "line": "not seen now"}
    if stop is None:
        return {"look": "is-ok", "line": "picks among those that are ready"}
    return {"look": _manner(stop)[0], "line": stop.sentence}


def _lines(row: Placement, standing: Standing) -> list[Line]:
    replicas = standing.replicas[:MOST_REPLICAS]
    if not replicas:
        return [_line_of_none(row, standing.readiness)]
    return [_line(row, one, standing) for one in replicas]


def _line_of_none(row: Placement, found: Readiness) -> Line:
    reached = found.rung if found.is_known else Rung.NOTHING
    word = badges.word_of(found, row.replicas)
    look, _, text = badges.SERVING[word]
    name = "no replica" if found.is_known else "replicas unknown"
    return Line(name, "", _rungs(reached, is_ready=found.is_ready), look, text.lower())


def _line(row: Placement, one: Replica, standing: Standing) -> Line:
    """A replica that is ready stands at the picker, unless the picker has a trouble of its own."""
    note = one.node if one.is_current else f"{one.node}, being replaced".lstrip(", ")
    if one.restarts:
        note = f"{note}, {one.restarts} restart{'' if one.restarts == 1 else 's'}".lstrip(", ")
    name = one.name.removeprefix(f"{row.object_name}-")
    if one.stop is None:
        picker = standing.picker
        if picker is None:
            return Line(name, note, _rungs(Rung.REGISTERED, one.times, is_ready=True))
        look, word = _manner(picker)
        return Line(name, note, _rungs(Rung.ENGINE_READY, one.times), look, word)
    look, word = _manner(one.stop)
    return Line(
        name,
        note,
        _rungs(one.stop.rung, one.times),
        look,
        word,
        one.stop.sentence,
        one.stop.advice(row.namespace),
    )


def _manner(stop: Readiness) -> tuple[str, str]:
    if not stop.is_known:
        return "is-off", "unknown"
    return ("is-busy", "under way") if stop.is_moving else ("is-bad", "stopped")


def _rungs(
    reached: Rung, times: Times = UNTIMED, *, is_ready: bool = False
) -> list[dict[str, Any]]:
    """Passed up to the rung that was reached; the next one says why it is not, and since when."""
    made: list[dict[str, Any]] = []
    stopped = False
    for rung, title in RUNGS:
        passed = is_ready or rung <= reached
        stops = not passed and not stopped
        made.append(
            {
                "title": title,
                "passed": passed,
                "stops": stops,
                "at": times.accepted_at if passed and rung == Rung.ACCEPTED else None,
                "took": times.took.get(rung) if passed else None,
                "since": times.since if stops else None,
            }
        )
        stopped = stopped or stops
    return made
