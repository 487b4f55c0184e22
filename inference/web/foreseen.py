"""What a form would do, beside the form: what differs, in which clusters, and who would decide."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.http import HttpResponse
from django.shortcuts import render

from inference.accounts.models import Team, User
from inference.changes.edits import Proposal
from inference.changes.foresight import Foresight, foresee_edits
from inference.errors import Refusal
from inference.planning.foresight import Foreseen
from inference.web.change_edits import beside
from inference.web.counts import plural
from inference.web.differences import Group, groups
from inference.web.form_faults import errors_of, labelled
from inference.web.htmx import ConsoleRequest

LOOK = "look"
"""What the form sends as `then` when nothing is to be drafted yet."""

Proposals = Callable[[], tuple[Team, Sequence[Proposal]]]
"""Whose change it would be, and its edits. May raise Refusal for what cannot be read."""


@dataclass(frozen=True)
class Where:
    """One cluster. `restart` names what would be started anew, if anything."""

    name: str
    environment: str
    line: str
    restart: str


@dataclass(frozen=True)
class Preview:
    """`waits` is true while nothing was typed yet; with a `refusal` there is nothing to see."""

    waits: bool = False
    refusal: Refusal | None = None
    faults: Sequence[tuple[str, str, str]] = ()
    groups: Sequence[Group] = field(default_factory=list)
    where: Sequence[Where] = field(default_factory=list)
    who: str = ""


def preview_of(proposals: Proposals, by: User, place: int = 0) -> Preview:
    """Reads, and writes nothing. What cannot be drafted yet is said, not shown as an error.

    `place`: that of the edit which stands in the form.
    """
    try:
        team, edits = proposals()
        seen = foresee_edits(team, edits, by)
    except Refusal as refusal:
        return Preview(refusal=refusal, faults=labelled(errors_of(refusal, place)))
    differing = [group for one in beside(seen.edits) for group in groups(one)]
    return Preview(
        groups=differing,
        where=[_where(one, seen) for one in seen.clusters] if differing else [],
        who=_who(seen),
    )


def show_preview(request: ConsoleRequest, preview: Preview) -> HttpResponse:
    """The part of a form's page that htmx asks for while somebody types."""
    response = render(request, "definitions/foreseen.html", {"preview": preview})
    response["Cache-Control"] = "no-store"
    return response


def _where(seen: Foreseen, of: Foresight) -> Where:
    counted = (
        (len(seen.created), "new"),
        (len(seen.changed), "changed"),
        (len(seen.deleted), "deleted"),
        (seen.same, "as it is" if seen.same == 1 else "as they are"),
    )
    line = ", ".join(f"{count} {word}" for count, word in counted if count)
    return Where(
        name=seen.cluster,
        environment=of.environments[seen.cluster],
        line=f"{line}." if seen.touched else "No object differs.",
        restart=", ".join(one.name for one in seen.restarts),
    )


def _who(seen: Foresight) -> str:
    if seen.one_pair_of_eyes:
        return "One pair of eyes is enough: who made it may approve it, with the role approver."
    return f"Needs {plural(seen.quorum, 'approval')}, by somebody who had no hand in it."
