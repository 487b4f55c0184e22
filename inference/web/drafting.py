"""Forms that end in a change: new, edit and delete, for every kind of definition alike."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import uuid4

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from inference.accounts.models import Team, User
from inference.accounts.policies import Right, teams_of
from inference.changes import actions
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest
from inference.definitions.models.definitions import Definition
from inference.errors import Invalid, NotAllowed, Refusal
from inference.messages import access
from inference.web.definition_fields import Parts
from inference.web.definition_forms import Asked, Block, Filled, blocks, document_of
from inference.web.frame import show
from inference.web.htmx import ConsoleRequest, go

OF_FORM = {"name", "title"}


class Noun(Protocol):
    """What a kind of definition brings along."""

    kind: str
    word: str
    active: str

    def questions(self, user: User) -> Parts: ...

    def blank(self) -> dict[str, Any]: ...


def new(request: ConsoleRequest, noun: Noun) -> HttpResponse:
    return _form(request, noun, None, "create", noun.blank())


def edit(request: ConsoleRequest, noun: Noun, row: Definition) -> HttpResponse:
    return _form(request, noun, row, "update", row.document)


def delete(request: ConsoleRequest, noun: Noun, row: Definition) -> HttpResponse:
    return _form(request, noun, row, "delete", row.document)


def _form(
    request: ConsoleRequest,
    noun: Noun,
    row: Definition | None,
    verb: str,
    document: Mapping[str, Any],
) -> HttpResponse:
    if request.method != "POST":
        return _page(request, noun, row, verb, document)
    try:
        change = _draft(request, noun, row, verb, document)
    except Refusal as refusal:
        return _page(request, noun, row, verb, document, refusal)
    return go(request, "web:change-request-detail", change.pk)


@transaction.atomic
def _draft(
    request: ConsoleRequest,
    noun: Noun,
    row: Definition | None,
    verb: str,
    document: Mapping[str, Any],
) -> ChangeRequest:
    """Draft it, and submit it where that button was pressed; or nothing of both."""
    sent = request.POST
    proposal = Proposal(
        verb=verb,
        kind=noun.kind,
        name=row.name if row else sent.get("name", "").strip(),
        title=sent.get("title", "").strip()[:200],
        id=row.pk if row else None,
        generation=number(sent.get("generation", "")) if row else None,
        document={} if verb == "delete" else answers(request, noun, document),
    )
    now = timezone.now()
    change = actions.draft(
        team=row.team if row else _team(request.user, sent.get("team", "")),
        title=sent.get("change_title", "").strip()[:200],
        reason=sent.get("reason", "").strip()[:4000],
        edits=[proposal],
        by=request.user,
        at=now,
    )
    if sent.get("then") == "submit":
        change = actions.submit(change=change, version=change.version, by=request.user, at=now)
    return change


def answers(request: ConsoleRequest, noun: Noun, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with what was typed laid over it; a placement has its UUID from then on."""
    made = document_of(noun.questions(request.user), document, request.POST)
    for placement in made.get("placements", []):
        placement.setdefault("id", str(uuid4()))
    return made


def _team(user: User, name: str) -> Team:
    team = teams_of(user, Right.PROPOSE).filter(name=name).first()
    if team is None:
        raise NotAllowed(access.LACKS_ROLE, role="editor", team=name or "any", environment="any")
    return team


def _page(
    request: ConsoleRequest,
    noun: Noun,
    row: Definition | None,
    verb: str,
    document: Mapping[str, Any],
    refusal: Refusal | None = None,
) -> HttpResponse:
    """The form as it was sent; each refusal at its field, and those of no field on top."""
    sent = request.POST if request.method == "POST" else None
    errors = errors_of(refusal)
    parts = blocks(noun.questions(request.user), Filled(document, document, sent, errors))
    context = {
        "noun": noun,
        "row": row,
        "verb": verb,
        "blocks": [] if verb == "delete" else parts,
        "teams": list(teams_of(request.user, Right.PROPOSE).order_by("name")),
        "sent": request.POST,
        "errors": errors,
        "elsewhere": elsewhere(errors, parts),
        "spoiled": [one for one in fields_of(parts) if one.errors],
        "refusal": refusal,
        "may": _may(request.user, row),
    }
    status = 200
    if refusal is not None:
        status = 403 if isinstance(refusal, NotAllowed) else 422
    return show(request, "definitions/form.html", context, active=noun.active, status=status)


def errors_of(refusal: Refusal | None, place: int = 0) -> dict[str, list[str]]:
    """By the path within the edit at `place`; those of other edits by their whole path."""
    if not isinstance(refusal, Invalid):
        return {}
    return {
        path.removeprefix(f"edits.{place}."): [str(one) for one in found]
        for path, found in refusal.fields.items()
    }


def elsewhere(errors: Mapping[str, list[str]], parts: Sequence[Block]) -> list[tuple[str, str]]:
    """Those of no field in the form."""
    named = {one.name for one in fields_of(parts)} | OF_FORM
    return [(path, text) for path, texts in errors.items() if path not in named for text in texts]


def fields_of(parts: Sequence[Block]) -> list[Asked]:
    return [one for block in parts for row in (block.asked, *block.rows) for one in row]


def _may(user: User, row: Definition | None) -> bool:
    teams = teams_of(user, Right.PROPOSE)
    return teams.filter(pk=row.team_id).exists() if row else teams.exists()


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004
