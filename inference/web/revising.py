"""Revising a change: one of its edits stands in a form, the others stay as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from inference.changes import actions, policies
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest, Edit
from inference.changes.taking import taken_by
from inference.definitions.models.definitions import Definition
from inference.errors import Conflict, NotAllowed, Refusal
from inference.messages import changes as messages
from inference.web import hardware_pools, routes, served_models
from inference.web.change_edits import standing_of
from inference.web.change_requests import ACTIVE, find
from inference.web.deciders import refusal_of
from inference.web.definition_forms import Filled, blocks
from inference.web.drafting import Noun, answers, number
from inference.web.foreseen import LOOK, Preview, preview_of, show_preview
from inference.web.form_faults import elsewhere, errors_of, fields_of
from inference.web.frame import show
from inference.web.htmx import ConsoleRequest, go, is_htmx
from inference.web.sessions import signed_in
from inference.web.takes_asked import asked_of, taken

NOUNS: dict[str, Noun] = {
    one.kind: one for one in (hardware_pools.NOUN, served_models.NOUN, routes.NOUN)
}


@dataclass(frozen=True)
class Revised:
    """A change in the hands of somebody who revises it, at one of its edits."""

    change: ChangeRequest
    revision: int
    edits: Sequence[Edit]
    place: int
    now: dict[UUID, Definition]

    @property
    def edit(self) -> Edit:
        return self.edits[self.place]

    @property
    def noun(self) -> Noun:
        return NOUNS[self.edit.definition_kind]

    @property
    def moved(self) -> list[str]:
        """Names of what has been written since it was edited here."""
        return [
            edit.name
            for edit in self.edits
            if edit.base_generation
            and edit.definition_id in self.now
            and self.now[edit.definition_id].generation != edit.base_generation
        ]

    def generation_of(self, edit: Edit) -> int:
        """The one that a revision is made on: what has moved is looked at anew."""
        row = self.now.get(edit.definition_id)
        return row.generation if row else edit.base_generation


@require_http_methods(["GET", "POST"])
@signed_in
def change_request_edit(request: ConsoleRequest, number: int, ordinal: int) -> HttpResponse:
    revised = _revised(find(request, number), ordinal)
    if request.method != "POST":
        return _page(request, revised)
    if request.POST.get("then") == LOOK:
        made = _preview(request, revised)
        return show_preview(request, made) if is_htmx(request) else _page(request, revised)
    try:
        _revise(request, revised)
    except Refusal as refusal:
        return _page(request, revised, refusal)
    return go(request, "web:change-request-detail", number)


def _revised(change: ChangeRequest, place: int) -> Revised:
    edits = list(Edit.objects.filter(revision=change.revision_id).order_by("ordinal"))
    if change.revision is None or place >= len(edits):
        raise Http404
    return Revised(change, change.revision.number, edits, place, standing_of(edits))


@transaction.atomic
def _revise(request: ConsoleRequest, revised: Revised) -> None:
    """Write the revision, and submit it where that button was pressed; or nothing of both."""
    began_with = number(request.POST.get("revision", ""))
    if began_with != revised.revision:
        raise Conflict(messages.REVISED_MEANWHILE, was=began_with or "none", now=revised.revision)
    now = timezone.now()
    change = actions.revise(
        change=revised.change,
        version=revised.change.version,
        edits=_proposals(request, revised),
        by=request.user,
        at=now,
    )
    if request.POST.get("then") == "submit":
        actions.submit(change=change, version=change.version, by=request.user, at=now)


def _preview(request: ConsoleRequest, revised: Revised) -> Preview:
    """Of the whole change, with what is typed for one of its edits."""
    team = revised.change.team
    place = revised.place
    return preview_of(lambda: (team, _proposals(request, revised)), request.user, place)


def _proposals(request: ConsoleRequest, revised: Revised) -> list[Proposal]:
    is_taken_out = request.POST.get("then") == "take-out"
    return [
        _typed(request, revised) if edit is revised.edit else _kept(request, revised, edit)
        for edit in revised.edits
        if not (is_taken_out and edit is revised.edit)
    ]


def _typed(request: ConsoleRequest, revised: Revised) -> Proposal:
    edit, sent = revised.edit, request.POST
    if edit.verb == Edit.Verb.DELETE or request.method != "POST":
        return _kept(request, revised, edit)
    is_new = edit.verb == Edit.Verb.CREATE
    return Proposal(
        verb=edit.verb,
        kind=edit.definition_kind,
        name=sent.get("name", "").strip() if is_new else edit.name,
        title=sent.get("title", "").strip()[:200],
        id=edit.definition_id,
        generation=_generation(request, revised, edit),
        document=answers(request, revised.noun, edit.document["spec"]),
        takes=taken(asked_of(revised.change, edit, sent)),
    )


def _kept(request: ConsoleRequest, revised: Revised, edit: Edit) -> Proposal:
    return Proposal(
        verb=edit.verb,
        kind=edit.definition_kind,
        name=edit.name,
        title=edit.document.get("title", ""),
        id=edit.definition_id,
        generation=_generation(request, revised, edit),
        document=edit.document.get("spec", {}),
        takes=taken_by(edit),
    )


def _generation(request: ConsoleRequest, revised: Revised, edit: Edit) -> int | None:
    """The one that the person looked at."""
    if request.method != "POST":
        return revised.generation_of(edit) or None
    sent = number(request.POST.get(f"generation.{edit.ordinal}", ""))
    return sent or edit.base_generation or None


def _page(
    request: ConsoleRequest, revised: Revised, refusal: Refusal | None = None
) -> HttpResponse:
    """What was sent, else the edit as it stands; beside each field what is so now."""
    change, edit = revised.change, revised.edit
    sent = request.POST if request.method == "POST" else None
    errors = errors_of(refusal, revised.place)
    row = revised.now.get(edit.definition_id)
    proposed = edit.document.get("spec", {})
    filled = Filled(row.document if row else {}, proposed, sent, errors)
    parts = blocks(revised.noun.questions(request.user), filled)
    typed = sent or {"name": edit.name, "title": edit.document.get("title", "")}
    context = {
        "change": change,
        "revision": typed.get("revision", revised.revision),
        "edit": edit,
        "noun": revised.noun,
        "tabs": [(one.ordinal, one.name, one is edit) for one in revised.edits],
        "generations": [
            (one.ordinal, typed.get(f"generation.{one.ordinal}", revised.generation_of(one)))
            for one in revised.edits
            if one.base_generation
        ],
        "blocks": [] if edit.verb == Edit.Verb.DELETE else parts,
        "name": typed.get("name", ""),
        "title": typed.get("title", ""),
        "errors": errors,
        "elsewhere": elsewhere(errors, parts),
        "spoiled": [one for one in fields_of(parts) if one.errors],
        "moved": revised.moved,
        "takes": asked_of(change, edit, sent),
        "refusal": refusal,
        "preview": _preview(request, revised),
        "why_not": refusal_of(policies.check_can_edit, change, request.user),
    }
    status = 200
    if refusal is not None:
        status = 403 if isinstance(refusal, NotAllowed) else 422
        status = 409 if isinstance(refusal, Conflict) else status
    return show(request, "change_requests/edit.html", context, active=ACTIVE, status=status)
