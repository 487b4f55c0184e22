"""Pushes: one plan on one cluster, and what became of each object."""

from collections import defaultdict
from datetime import datetime
from typing import Annotated, Any

from django.db.models import Count, QuerySet
from django_filters import rest_framework as filters

from inference.accounts.models import User
from inference.api.change_problems import fill_in_problems
from inference.api.filtering import FilterSet
from inference.api.refusals import missing
from inference.api.resources import Listed, Shown
from inference.api.shapes import Column, Made, Reason, Row, Shape, columns_of, reason
from inference.changes.visibility import readable, visible
from inference.delivery.models import Push, PushOutcome

FIRST_OUTCOMES = 200
"""The detail shows as many; the rest is in the list of outcomes."""


class OutcomeShape(Shape):
    ordinal: Annotated[int, Column("step__ordinal")]
    phase: Annotated[int, Column("step__phase")]
    verb: Annotated[str, Column("step__verb")]
    kind: Annotated[str, Column("step__kind")]
    namespace: Annotated[str, Column("step__namespace")]
    name: Annotated[str, Column("step__name")]
    outcome: str
    reason: Annotated[Reason | None, Made()]
    uid: str
    attempts: int
    at: datetime | None


class PushShape(Shape):
    """`outcomes` counts objects by what became of them."""

    id: int
    change: Annotated[int, Column("change_id")]
    plan_hash: Annotated[str, Column("plan__hash")]
    cluster: Annotated[str, Column("cluster__name")]
    environment: Annotated[str, Column("cluster__environment")]
    state: str
    phase: int
    attempt: int
    verify_until: datetime | None
    outcomes: Annotated[dict[str, int], Made()]
    problem: Annotated[Reason | None, Made()]
    started_at: datetime
    finished_at: datetime | None


class PushDetail(PushShape):
    objects: Annotated[list[OutcomeShape], Made()]


class PushFilter(FilterSet):
    change = filters.NumberFilter(
        field_name="change_id", min_value=0, max_value=10**18 - 1, decimal_places=0
    )
    cluster = filters.CharFilter(field_name="cluster__name", max_length=40)
    state = filters.ChoiceFilter(choices=Push.State)


class OutcomeFilter(FilterSet):
    outcome = filters.ChoiceFilter(choices=PushOutcome.Outcome)


class Pushes(Listed, Shown):
    tag = "pushes"
    noun = "push"
    shape = PushShape
    detail_shape = PushDetail
    table = Push
    lookup = {"number": "pk"}
    ordering = ("-pk",)
    filters = PushFilter
    needs = ("problem_code", "problem_params", "change__team_id")

    def rows(self) -> QuerySet[Any]:
        return Push.objects.filter(change__in=visible(self.user))

    def complete(self, rows: list[Row]) -> None:
        counts = _counts(rows)
        fill_in_problems(rows, self.user, "change__team_id")
        for row in rows:
            row["outcomes"] = counts.get(row["id"], {})

    def complete_detail(self, row: Row) -> None:
        columns = columns_of(OutcomeShape)
        push = Push.objects.select_related("change").get(pk=row["id"])
        values = (
            _outcomes(push, self.user)
            .order_by("step__ordinal")
            .values_list(*columns.values(), "code", "params")[:FIRST_OUTCOMES]
        )
        row["objects"] = [
            {**dict(zip(columns, outcome, strict=True)), "reason": reason(code, params)}
            for *outcome, code, params in values
        ]


class Outcomes(Listed):
    tag = "pushes"
    noun = "outcome"
    shape = OutcomeShape
    table = PushOutcome
    ordering = ("step__ordinal", "pk")
    filters = OutcomeFilter
    needs = ("code", "params")

    def rows(self) -> QuerySet[Any]:
        pushes = Push.objects.filter(change__in=visible(self.user)).select_related("change")
        push = pushes.filter(pk=self.kwargs["number"]).first()
        if push is None:
            raise missing("push")
        return _outcomes(push, self.user)

    def complete(self, rows: list[Row]) -> None:
        for row in rows:
            row["reason"] = reason(row["code"], row["params"])


def _outcomes(push: Push, reader: User) -> QuerySet[PushOutcome]:
    return readable(PushOutcome.objects.filter(push=push), reader, push.change, "step__team")


def _counts(rows: list[Row]) -> dict[int, dict[str, int]]:
    made: dict[int, dict[str, int]] = defaultdict(dict)
    found = PushOutcome.objects.filter(push__in=[row["id"] for row in rows])
    values = found.values_list("push_id", "outcome").annotate(count=Count("pk"))
    for push, outcome, count in values:
        made[push][outcome] = count
    return made
