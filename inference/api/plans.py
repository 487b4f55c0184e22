"""Plans: what a change would do to each cluster, judged; and who said what about that."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from django.db.models import Count, QuerySet
from django_filters import rest_framework as filters

from inference.api.filtering import FilterSet
from inference.api.refusals import missing
from inference.api.resources import Listed, Resource, Shown
from inference.api.shapes import Column, Made, Row, Shape, columns_of
from inference.changes.models import Decision, Plan, PlanCheck, PlanStep, PlanTouch
from inference.changes.visibility import Reach, checks_of, reach, readable, visible, within
from inference.messages import sentence

FIRST_STEPS = 200
"""A plan shows as many; the rest is in its list of steps."""


class Difference(Shape):
    """Redacted; `was` and `now` are absent where there is no value."""

    path: str
    was: Any = None
    now: Any = None


class TakenField(Shape):
    path: str
    manager: str


class StepShape(Shape):
    """`takes` names each field that `force` is for, and from whom it is taken."""

    ordinal: int
    verb: str
    cluster: Annotated[str, Column("cluster__name")]
    team: Annotated[str, Column("team__name")]
    definition_kind: str
    definition_id: UUID
    placement_id: UUID | None
    phase: int
    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str
    body_hash: str
    force: bool
    takes: list[TakenField]
    diff: list[Difference]


class StepDetail(StepShape):
    """`body` is what would be sent, byte for byte; empty for a deletion."""

    body: str


class CheckShape(Shape):
    """`grey` was not checked; `detail` says why."""

    verdict: str
    state: str
    code: str
    detail: str
    params: dict[str, Any]
    cluster: str | None


class TouchShape(Shape):
    team: str
    environment: str


class PlanShape(Shape):
    """`counts` is of the whole plan. Where the change of another team reaches the reader's,
    `touches` and `steps` are of the reader's teams, and checks that are about others say only how
    it stands.
    """

    number: int
    hash: str
    revision: Annotated[int, Column("revision__number")]
    author: Annotated[str, Column("author__username")]
    policy_version: int
    quorum: int
    one_pair_of_eyes: bool
    created_at: datetime
    touches: Annotated[list[TouchShape], Made()]
    checks: Annotated[list[CheckShape], Made()]
    counts: Annotated[dict[str, int], Made()]
    steps: Annotated[list[StepShape], Made()]


class DecisionShape(Shape):
    id: int
    plan: Annotated[int, Column("plan__number")]
    plan_hash: str
    actor: Annotated[str, Column("actor__username")]
    verdict: str
    comment: str
    stage: int
    one_pair_of_eyes: bool
    at: datetime


class StepFilter(FilterSet):
    cluster = filters.CharFilter(field_name="cluster__name", max_length=40)
    kind = filters.CharFilter(max_length=63)
    verb = filters.ChoiceFilter(choices=PlanStep.Verb)


class OfChange(Resource):
    """Something of one change, which the address names and the reader may see."""

    tag = "change-requests"

    def change(self) -> Any:
        """Raises 404."""
        change = visible(self.user).filter(pk=self.kwargs["number"]).first()
        if change is None:
            raise missing("change request")
        return change


class CurrentPlan(Shown, OfChange):
    noun = "plan"
    shape = PlanShape
    table = Plan
    needs = ("pk",)

    def rows(self) -> QuerySet[Any]:
        self._of = self.change()
        return Plan.objects.filter(pk=self._of.plan_id)

    def complete(self, rows: list[Row]) -> None:
        whose = reach(self.user, self._of)
        for row in rows:
            steps = PlanStep.objects.filter(plan=row["pk"])
            row["touches"] = _touches(row["pk"], whose)
            row["checks"] = [_check(one) for one in checks_of(row["pk"], whose)]
            row["counts"] = dict(steps.values_list("verb").annotate(count=Count("pk")))
            columns = columns_of(StepShape)
            mine = within(steps, whose).order_by("ordinal")
            values = mine.values_list(*columns.values())[:FIRST_STEPS]
            row["steps"] = [dict(zip(columns, step, strict=True)) for step in values]


class Steps(Listed, Shown, OfChange):
    noun = "step"
    shape = StepShape
    detail_shape = StepDetail
    table = PlanStep
    lookup: ClassVar[dict[str, str]] = {"ordinal": "ordinal"}
    ordering = ("ordinal",)
    filters = StepFilter

    def rows(self) -> QuerySet[Any]:
        change = self.change()
        return readable(PlanStep.objects.filter(plan=change.plan_id), self.user, change)


class Decisions(Listed, OfChange):
    """Of all plans of the change: an older plan's no longer count."""

    noun = "decision"
    shape = DecisionShape
    table = Decision

    def rows(self) -> QuerySet[Any]:
        return Decision.objects.filter(plan__change=self.change())


def _touches(plan: int, whose: Reach) -> list[Row]:
    rows = within(PlanTouch.objects.filter(plan=plan), whose).order_by("team__name", "environment")
    return [
        {"team": team, "environment": environment}
        for team, environment in rows.values_list("team__name", "environment")
    ]


def _check(one: PlanCheck) -> Row:
    return {
        "verdict": one.verdict,
        "state": one.state,
        "code": one.code,
        "detail": sentence(one.code, one.params),
        "params": one.params,
        "cluster": one.cluster.name if one.cluster else None,
    }
