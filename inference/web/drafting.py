"""Forms that end in a change: new, edit and delete, for every kind of definition alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.utils import timezone

from inference.accounts.models import Team, User
from inference.accounts.policies import Right, teams_of
from inference.changes import actions
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest
from inference.definitions.models.definitions import Definition
from inference.errors import NotAllowed, Refusal
from inference.messages import access
from inference.web.definition_fields import Parts
from inference.web.definition_forms import Filled, blocks, document_of
from inference.web.differences import whole
from inference.web.foreseen import LOOK, Preview, preview_of, show_preview
from inference.web.form_faults import elsewhere, errors_of, fields_of
from inference.web.frame import show
from inference.web.htmx import ConsoleRequest, go, is_htmx


class Noun(Protocol):
    """What a kind of definition brings along."""

    kind: str
    word: str
    group: str
    """Their list, as the navigation calls it."""
    active: str

    def questions(self, user: User) -> Parts: ...

    def blank(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Form:
    """One form as it was opened or sent; `document` is what stands in it before anybody typed."""

    request: ConsoleRequest
    noun: Noun
    row: Definition | None
    verb: str
    document: Mapping[str, Any]

    @property
    def sent(self) -> QueryDict | None:
        return self.request.POST if self.request.method == "POST" else None

    def team(self) -> Team:
        """Whose change it is. Raises NotAllowed for a team that is not the reader's to change."""
        if self.row:
            return self.row.team
        name = self.request.POST.get("team", "")
        team = teams_of(self.request.user, Right.PROPOSE).filter(name=name).first()
        if team is None:
            named = name or "any"
            raise NotAllowed(access.LACKS_ROLE, role="editor", team=named, environment="any")
        return team

    def proposal(self) -> Proposal:
        sent, row = self.request.POST, self.row
        return Proposal(
            verb=self.verb,
            kind=self.noun.kind,
            name=row.name if row else sent.get("name", "").strip(),
            title=sent.get("title", "").strip()[:200],
            id=row.pk if row else None,
            generation=number(sent.get("generation", "")) if row else None,
            document={}
            if self.verb == "delete"
            else answers(self.request, self.noun, self.document),
        )


def new(request: ConsoleRequest, noun: Noun) -> HttpResponse:
    return _answer(Form(request, noun, None, "create", noun.blank()))


def edit(request: ConsoleRequest, noun: Noun, row: Definition) -> HttpResponse:
    return _answer(Form(request, noun, row, "update", row.document))


def delete(request: ConsoleRequest, noun: Noun, row: Definition) -> HttpResponse:
    return _answer(Form(request, noun, row, "delete", row.document))


def _answer(form: Form) -> HttpResponse:
    request = form.request
    if request.method != "POST":
        return _page(form)
    if request.POST.get("then") == LOOK:
        return show_preview(request, _preview(form)) if is_htmx(request) else _page(form)
    try:
        change = _draft(form)
    except Refusal as refusal:
        return _page(form, refusal)
    return go(request, "web:change-request-detail", change.pk)


@transaction.atomic
def _draft(form: Form) -> ChangeRequest:
    """Draft it, and submit it where that button was pressed; or nothing of both."""
    sent, by, now = form.request.POST, form.request.user, timezone.now()
    proposal = form.proposal()
    change = actions.draft(
        team=form.team(),
        title=sent.get("change_title", "").strip()[:200],
        reason=sent.get("reason", "").strip()[:4000],
        edits=[proposal],
        by=by,
        at=now,
    )
    if sent.get("then") == "submit":
        change = actions.submit(change=change, version=change.version, by=by, at=now)
    return change


def _preview(form: Form) -> Preview:
    """What is deleted is known at once; of an edit there is nothing to see before it is typed."""
    if form.sent is None and form.verb != "delete":
        return Preview(waits=True)
    return preview_of(lambda: (form.team(), [form.proposal()]), form.request.user)


def answers(request: ConsoleRequest, noun: Noun, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with what was typed laid over it; a placement has its UUID from then on."""
    made = document_of(noun.questions(request.user), document, request.POST)
    for placement in made.get("placements", []):
        placement.setdefault("id", str(uuid4()))
    return made


def _page(form: Form, refusal: Refusal | None = None) -> HttpResponse:
    """The form as it was sent; each refusal at its field, and those of no field on top."""
    request, noun, document = form.request, form.noun, form.document
    errors, now = errors_of(refusal), document if form.row else {}
    parts = blocks(noun.questions(request.user), Filled(now, document, form.sent, errors))
    context = {
        "noun": noun,
        "row": form.row,
        "verb": form.verb,
        "blocks": [] if form.verb == "delete" else parts,
        "fields": whole(form.row, noun.kind) if form.row and form.verb == "delete" else [],
        "teams": list(teams_of(request.user, Right.PROPOSE).order_by("name")),
        "sent": request.POST,
        "errors": errors,
        "elsewhere": elsewhere(errors, parts),
        "spoiled": [one for one in fields_of(parts) if one.errors],
        "refusal": refusal,
        "may": _may(request.user, form.row),
        "preview": _preview(form),
    }
    status = 200
    if refusal is not None:
        status = 403 if isinstance(refusal, NotAllowed) else 422
    return show(request, "definitions/form.html", context, active=noun.active, status=status)


def _may(user: User, row: Definition | None) -> bool:
    teams = teams_of(user, Right.PROPOSE)
    return teams.filter(pk=row.team_id).exists() if row else teams.exists()


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004
