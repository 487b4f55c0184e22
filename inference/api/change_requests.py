"""Change requests: drafted, revised, submitted, decided, cancelled, tried again."""

from collections import defaultdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Count, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from inference.accounts.models import Team
from inference.accounts.policies import teams_of
from inference.api.change_bodies import Decision, Edits, NewChangeRequest, SendingBack, proposals
from inference.api.change_filters import ChangeRequestFilter
from inference.api.change_problems import fill_in_problems
from inference.api.deeds import Operation, by, deed, reads
from inference.api.filtering import check_known
from inference.api.parsing import JSONParser, YAMLParser
from inference.api.preconditions import etag, matching
from inference.api.refusals import missing
from inference.api.resources import Listed, Shown
from inference.api.shapes import Column, Made, Nothing, Reason, Row, Shape
from inference.changes import actions
from inference.changes.models import ChangeRequest, Edit, PlanCheck
from inference.changes.visibility import find, shown, visible
from inference.compiled import Beside
from inference.definitions.specs import Spec
from inference.delivery import actions as delivery
from inference.delivery.models import Push


class EditSummary(Shape):
    verb: str
    kind: str
    id: UUID
    name: str


class PushSummary(Shape):
    id: int
    cluster: str
    state: str


class ChangeRequestShape(Shape):
    """`one_pair_of_eyes` says that its plan needs no second person; null without a plan."""

    id: int
    title: str
    reason: str
    state: str
    stale: bool
    team: Annotated[str, Column("team__name")]
    author: Annotated[str, Column("author__username")]
    revision: Annotated[int | None, Column("revision__number")]
    plan: Annotated[int | None, Column("plan__number")]
    plan_hash: Annotated[str | None, Column("plan__hash")]
    one_pair_of_eyes: Annotated[bool | None, Column("plan__one_pair_of_eyes")]
    planned_at: datetime | None
    plan_valid_until: datetime | None
    expires_at: datetime | None
    edits: Annotated[list[EditSummary], Made()]
    checks: Annotated[dict[str, int], Made()]
    pushes: Annotated[list[PushSummary], Made()]
    problem: Annotated[Reason | None, Made()]
    version: int
    created_at: datetime
    approved_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


class TakeShape(Shape):
    """A field that is taken back by force, and from whom."""

    cluster: str
    kind: str
    namespace: str
    name: str
    path: str
    manager: str


class EditShape(Shape):
    """`document` is empty for a deletion."""

    ordinal: int
    verb: str
    kind: str
    id: UUID
    name: str
    title: str
    base_generation: int
    document: Spec | dict[str, Any]
    takes: list[TakeShape]


class EditsShape(Shape):
    revision: int
    hash: str
    author: str
    edits: list[EditShape]


class ChangeRequests(Listed, Shown):
    tag = "change-requests"
    noun = "change request"
    shape = ChangeRequestShape
    table = ChangeRequest
    lookup = {"number": "pk"}
    ordering = ("-pk",)
    filters = ChangeRequestFilter
    parser_classes = [JSONParser, YAMLParser]
    needs = ("problem_code", "problem_params", "revision_id", "plan_id", "team_id")

    def rows(self) -> QuerySet[Any]:
        return visible(self.user)

    def find(self) -> ChangeRequest:
        change = find(self.user, self.kwargs["number"])
        if change is None:
            raise missing(self.noun)
        return change

    def show_one(self, pk: int, status: int = 200) -> Response:
        """As every resource, but whoever answers a deed hurries: others have work to do now."""
        values = shown(self.user, pk, *self.paths)
        return self._shown(values, self.shape, status)

    def complete(self, rows: list[Row]) -> None:
        edits, checks, pushes = _edits(rows), _checks(rows), _pushes(rows)
        fill_in_problems(rows, self.user, "team_id")
        for row in rows:
            row["edits"] = edits.get(row["revision_id"], [])
            row["checks"] = checks.get(row["plan_id"], {})
            row["pushes"] = pushes.get(row["id"], [])

    @deed("Draft a change", NewChangeRequest, scope="propose", status=201)
    def create(self, request: Request, sent: NewChangeRequest) -> Response:
        change = actions.draft(
            team=self._team(sent.team),
            title=sent.title,
            reason=sent.reason,
            edits=proposals(sent.edits, sent.team),
            **by(request),
        )
        return self.show_one(change.pk, 201)

    @reads(Operation("The edits of the current revision", answer=EditsShape))
    def edits(self, request: Request, **_names: Any) -> Response:
        check_known(request, set())
        change = self.find()
        revision = change.revision
        if revision is None:
            raise missing("revision")
        shown = {
            "revision": revision.number,
            "hash": revision.hash,
            "author": revision.author.username,
            "edits": [_edit(edit) for edit in revision.edits.order_by("ordinal")],
        }
        return Response(shown, headers={"ETag": etag(change.version)})

    @deed("Revise: replace the edits", Edits, scope="propose", versioned=True)
    def revise(self, request: Request, sent: Edits, **_names: Any) -> Response:
        change = self.find()
        actions.revise(
            change=change,
            version=matching(request, change.version),
            edits=proposals(sent.edits, change.team.name),
            **by(request),
        )
        return self.show_one(change.pk)

    @deed("Submit for planning and review", Nothing, scope="propose", versioned=True, status=202)
    def submit(self, request: Request, _sent: Nothing, **_names: Any) -> Response:
        change = self.find()
        version = matching(request, change.version)
        actions.submit(change=change, version=version, **by(request))
        return self.show_one(change.pk, 202)

    @deed("Approve the plan that you saw", Decision, scope="approve")
    def approve(self, request: Request, sent: Decision, **_names: Any) -> Response:
        change = self.find()
        actions.approve(
            change=change, plan_hash=sent.plan_hash, comment=sent.comment, **by(request)
        )
        return self.show_one(change.pk)

    @deed("Ask for another revision", SendingBack, scope="approve")
    def request_changes(self, request: Request, sent: SendingBack, **_names: Any) -> Response:
        return self._send_back(request, sent, actions.request_changes)

    @deed("Reject", SendingBack, scope="approve")
    def reject(self, request: Request, sent: SendingBack, **_names: Any) -> Response:
        return self._send_back(request, sent, actions.reject)

    @deed("Cancel before it starts", Nothing, scope="propose", versioned=True)
    def cancel(self, request: Request, _sent: Nothing, **_names: Any) -> Response:
        change = self.find()
        version = matching(request, change.version)
        actions.cancel(change=change, version=version, **by(request))
        return self.show_one(change.pk)

    @deed("Try again what did not succeed", Nothing, scope="propose", versioned=True, status=202)
    def retry(self, request: Request, _sent: Nothing, **_names: Any) -> Response:
        change = self.find()
        matching(request, change.version)
        delivery.retry(change=change, **by(request))
        return self.show_one(change.pk, 202)

    def _team(self, name: str) -> Team:
        team = teams_of(self.user).filter(name=name).first()
        if team is None:
            raise missing("team")
        return team

    def _send_back(self, request: Request, sent: SendingBack, action: Any) -> Response:
        change = self.find()
        action(change=change, plan_hash=sent.plan_hash, comment=sent.comment, **by(request))
        return self.show_one(change.pk)


def _edit(edit: Edit) -> Row:
    return {
        "ordinal": edit.ordinal,
        "verb": edit.verb,
        "kind": edit.definition_kind,
        "id": edit.definition_id,
        "name": edit.name,
        "title": edit.document.get("title", ""),
        "base_generation": edit.base_generation,
        "document": edit.document.get("spec", {}),
        "takes": edit.takes,
    }


def _edits(rows: list[Row]) -> dict[int, list[Row]]:
    made: dict[int, list[Row]] = defaultdict(list)
    names = tuple(EditSummary.model_fields)
    for revision, *row in _EDITS.rows({row["revision_id"] for row in rows}):
        made[revision].append(dict(zip(names, row, strict=True)))
    return made


def _checks(rows: list[Row]) -> dict[int, dict[str, int]]:
    """How many of each colour, by plan."""
    made: dict[int, dict[str, int]] = defaultdict(dict)
    for plan, state, count in _CHECKS.rows({row["plan_id"] for row in rows}):
        made[plan][state] = count
    return made


def _pushes(rows: list[Row]) -> dict[int, list[Row]]:
    made: dict[int, list[Row]] = defaultdict(list)
    for change, *row in _PUSHES.rows({row["id"] for row in rows}):
        made[change].append(dict(zip(PushSummary.model_fields, row, strict=True)))
    return made


_EDITS = Beside(
    "revision",
    lambda: Edit.objects.order_by("ordinal").values_list(
        "revision_id", "verb", "definition_kind", "definition_id", "name"
    ),
)
_CHECKS = Beside(
    "plan",
    lambda: PlanCheck.objects.values_list("plan_id", "state").annotate(count=Count("pk")),
)
_PUSHES = Beside(
    "change",
    lambda: Push.objects.order_by("pk").values_list("change_id", "pk", "cluster__name", "state"),
)
