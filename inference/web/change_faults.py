"""What a change has met: each fault as a sentence, with what to do next and where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from inference.changes.models import ChangeRequest, Edit, PlanCheck
from inference.changes.visibility import Reach, checks_of, told, within
from inference.delivery.models import Push, PushOutcome
from inference.messages import delivery as messages
from inference.messages import planning, sentence
from inference.web.change_clusters import ClusterPart
from inference.web.remedies import Place, remedy_of

MOST = 5
Known = dict[UUID, Edit]


@dataclass(frozen=True)
class Fault:
    """`address` leads to where something can be done, under the words of `link`."""

    look: str
    icon: str
    where: str
    sentence: str
    advice: str = ""
    address: str = ""
    link: str = ""
    helps_retry: bool = True
    """Whether asking again can lead to anything else."""


def faults_of(
    change: ChangeRequest, parts: Sequence[ClusterPart], whose: Reach = None
) -> list[Fault]:
    """Of its pushes, else of the plan that nobody can approve. At most three queries.

    What stopped objects of teams beyond `whose` is not told.
    """
    pushes = {part.push.pk: part for part in parts if part.push}
    if pushes:
        return list(_of_pushes(change, pushes, whose))[:MOST]
    if change.state == ChangeRequest.State.IN_REVIEW:
        return list(_of_checks(change, whose))[:MOST]
    return []


def _of_pushes(
    change: ChangeRequest, pushes: dict[int, ClusterPart], whose: Reach
) -> Iterator[Fault]:
    """An unfinished push says what it waits for; one that has ended, what stopped it first."""
    stuck = _first_stuck(pushes, whose)
    known = _edits(change) if stuck else {}
    for part in pushes.values():
        push, outcome = part.push, stuck.get(part.push.pk) if part.push else None
        if push is None or push.state == Push.State.SUCCEEDED:
            continue
        if outcome and (push.is_finished or not push.problem_code):
            yield _of_outcome(outcome, push, part.name, known)
        elif push.problem_code:
            yield _of_push(push, part.name, whose)


def _first_stuck(pushes: dict[int, ClusterPart], whose: Reach) -> dict[int, PushOutcome]:
    rows = (
        PushOutcome.objects.filter(push__in=pushes)
        .exclude(code="")
        .exclude(code__in=[messages.PHASE_BLOCKED.code, messages.NOT_READY_IN_TIME.code])
        .exclude(outcome__in=PushOutcome.DONE)
        .select_related("step")
    )
    found: dict[int, PushOutcome] = {}
    for row in within(rows, whose, "step__team").order_by("step__ordinal")[:1000]:
        found.setdefault(row.push_id, row)
    return found


def _edits(change: ChangeRequest) -> Known:
    rows = Edit.objects.filter(revision=change.revision_id).select_related("team")
    return {row.definition_id: row for row in rows}


def _of_outcome(outcome: PushOutcome, push: Push, name: str, known: Known) -> Fault:
    step, remedy = outcome.step, remedy_of(outcome.code, has_ended=push.is_finished)
    return Fault(
        "is-bad",
        "bad",
        f"{name}, {step.kind} {step.name}",
        sentence(outcome.code, outcome.params),
        remedy.advice,
        *_way(remedy.place, name, known.get(step.definition_id)),
        helps_retry=remedy.helps_retry,
    )


def _of_push(push: Push, name: str, whose: Reach) -> Fault:
    remedy = remedy_of(push.problem_code, has_ended=push.is_finished)
    text = sentence(*told(push.problem_code, push.problem_params, whose))
    waits = push.problem_code == messages.WAITS_FOR.code
    look = ("is-busy", "waiting") if waits else ("is-warn", "warn")
    if push.is_finished:
        look = ("is-bad", "bad")
    return Fault(*look, name, text, remedy.advice, *_way(remedy.place, name, None))


def _of_checks(change: ChangeRequest, whose: Reach) -> Iterator[Fault]:
    red = [one for one in checks_of(change.plan_id, whose) if one.state == PlanCheck.State.RED]
    contested = any(row.code == planning.FIELD_CONTESTED.code for row in red)
    places = _places(change) if contested else {}
    for row in red:
        remedy, name = remedy_of(row.code), row.cluster.name if row.cluster else ""
        text, way = sentence(row.code, row.params), _way(remedy.place, name, None)
        if row.params.get("definition") in places:
            place = places[row.params["definition"]]
            address = reverse("web:change-request-edit", args=[change.pk, place])
            way = f"{address}#takes-title", "Take it back in this change…"
        yield Fault("is-bad", "bad", name, text, remedy.advice, *way)


def _places(change: ChangeRequest) -> dict[str, int]:
    """Of edits that may take fields back, by definition."""
    rows = Edit.objects.filter(revision=change.revision_id, verb=Edit.Verb.UPDATE)
    return {str(one): place for one, place in rows.values_list("definition_id", "ordinal")}


def _way(place: Place, cluster: str, edit: Edit | None) -> tuple[str, str]:
    """An address and the words of its link."""
    if place in {Place.CLUSTER, Place.CREDENTIAL} and cluster:
        address: Any = reverse("web:cluster-detail", args=[cluster])
        mark = "#credential" if place == Place.CREDENTIAL else ""
        return f"{address}{mark}", f"See cluster {cluster}"
    if place == Place.DEFINITION and edit and edit.verb != Edit.Verb.DELETE:
        address = reverse(f"web:{edit.definition_kind}-edit", args=[edit.team.name, edit.name])
        return address, f"Draft {edit.name} anew"
    return "", ""
