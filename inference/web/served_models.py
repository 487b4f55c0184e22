"""Served models: the list with its three badges, a model with its placements, and its forms."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from inference.accounts.models import User
from inference.accounts.policies import teams_of
from inference.definitions.documents import SERVED_MODEL
from inference.definitions.models import Placement, Route, ServedModel
from inference.health.assessment import Serving
from inference.observation import readiness
from inference.observation.assessment import Readiness, Rung
from inference.observation.readiness import Subject
from inference.web import badges, drafting
from inference.web.definition_fields import Parts, of_served_model
from inference.web.definitions import change_of, find, listed, page_of, pools_of
from inference.web.frame import Scope, scope_of, show
from inference.web.htmx import ConsoleRequest, signed_in

ACTIVE = "served-model-list"
RUNGS = (
    (Rung.ACCEPTED, "Accepted"),
    (Rung.SCHEDULED, "Scheduled"),
    (Rung.WEIGHTS_LOADED, "Weights loaded"),
    (Rung.ENGINE_READY, "Engine ready"),
    (Rung.REGISTERED, "At the picker"),
)


class ServedModelNoun:
    kind = SERVED_MODEL
    word = "served model"
    active = ACTIVE

    def questions(self, user: User) -> Parts:
        return of_served_model(pools_of(user, "No further placement"))

    def blank(self) -> dict[str, Any]:
        return {"engine": "vllm", "memory_percent": 92, "parallelism": {"tensor": 1}}


NOUN = ServedModelNoun()


@require_safe
@signed_in
def served_model_list(request: ConsoleRequest) -> HttpResponse:
    scope = scope_of(request)
    rows = ServedModel.objects.live().visible_to(teams_of(request.user))
    sheet = listed(request, rows, scope, _in_scope)
    shown = _rows(sheet.rows)
    context = {"sheet": sheet, "rows": shown, "answer": _answer(shown, sheet.total)}
    return show(request, "served_models/list.html", context, active=ACTIVE, part="list")


def _in_scope(queryset: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    if not scope.cluster and not scope.environment:
        return queryset
    placed = Placement.objects.live()
    if scope.cluster:
        placed = placed.filter(cluster__name=scope.cluster)
    if scope.environment:
        placed = placed.filter(cluster__environment=scope.environment)
    return queryset.filter(pk__in=placed.values("served_model"))


def _rows(models: Sequence[ServedModel]) -> list[dict[str, Any]]:
    """With placements, readiness, sync and change: eight queries at any length."""
    ids = [model.pk for model in models]
    placed, synced, changing = placements_of(ids), badges.syncs(ids), badges.changes(ids)
    return [
        {
            "model": model,
            "engine": model.document.get("engine", ""),
            "version": model.document.get("engine_version", ""),
            "placements": placed[model.pk],
            "serving": serving_of(placed[model.pk]),
            "sync": synced[model.pk],
            "change": change_of(changing.get(model.pk, [])),
            "replicas": sum(one["row"].replicas or 0 for one in placed[model.pk]),
        }
        for model in models
    ]


def placements_of(models: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """By model, each with how far it has come. Six queries."""
    rows = list(
        Placement.objects.live()
        .filter(served_model__in=list(models))
        .select_related("pool__team", "cluster")
        .order_by("pool__name")
    )
    found = readiness.placements(
        Subject(row.pk, row.cluster_id, row.namespace, row.object_name) for row in rows
    )
    made: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        word = badges.word_of(found[row.pk], row.replicas)
        made[row.served_model_id].append(
            {
                "row": row,
                "word": word,
                "badge": badges.serving(word, found[row.pk].sentence),
                "rungs": _rungs(found[row.pk]),
            }
        )
    return made


def serving_of(placements: Sequence[dict[str, Any]]) -> badges.Badge:
    """The worst of its placements speaks for the model."""
    if not placements:
        return badges.serving(Serving.ASLEEP, "It is placed nowhere.")
    worst = min(placements, key=lambda one: badges.WORST_FIRST.index(one["word"]))
    found: badges.Badge = worst["badge"]
    return found


def _rungs(found: Readiness) -> list[dict[str, Any]]:
    """Passed up to the rung that was reached; the next one says why it is not."""
    made, stopped = [], False
    for rung, title in RUNGS:
        passed = found.is_ready or (found.is_known and rung <= found.rung)
        made.append({"title": title, "passed": passed, "stops": not passed and not stopped})
        stopped = stopped or not passed
    return made


def _answer(rows: Sequence[dict[str, Any]], total: int) -> dict[str, str]:
    words = [row["serving"].word for row in rows]
    bad = [
        f"{words.count(word)} {text}"
        for word, text in (
            ("Not serving", "not serving"),
            ("Starting", "starting"),
            ("Unknown", "unknown"),
        )
        if word in words
    ]
    fact = f"{total} served model{'' if total == 1 else 's'}."
    return {"fact": fact, "rest": f"On this page: {', '.join(bad)}." if bad else ""}


@require_safe
@signed_in
def served_model_detail(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    model = find(ServedModel, request.user, team, name)
    placed = placements_of([model.pk])[model.pk]
    routes = Route.objects.live().filter(members__placement__served_model=model)
    context = page_of(model, SERVED_MODEL, request.user) | {
        "placements": placed,
        "serving": serving_of(placed),
        "routes": list(routes.select_related("team").distinct().order_by("name")[:50]),
        "rung_titles": [title for _, title in RUNGS],
    }
    return show(request, "served_models/detail.html", context, active=ACTIVE, part="content")


@require_http_methods(["GET", "POST"])
@signed_in
def served_model_new(request: ConsoleRequest) -> HttpResponse:
    return drafting.new(request, NOUN)


@require_http_methods(["GET", "POST"])
@signed_in
def served_model_edit(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    return drafting.edit(request, NOUN, find(ServedModel, request.user, team, name))


@require_http_methods(["GET", "POST"])
@signed_in
def served_model_delete(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    return drafting.delete(request, NOUN, find(ServedModel, request.user, team, name))
