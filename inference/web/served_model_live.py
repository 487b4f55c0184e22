"""What is live about served models: a model with its placements, and the rows of a list."""

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from inference.accounts.models import User
from inference.accounts.policies import teams_of
from inference.definitions.documents import SERVED_MODEL
from inference.definitions.models import Placement, Route, ServedModel
from inference.live import Feed, topic
from inference.web import badges
from inference.web.definitions import change_of, standing_of, teams_to_change
from inference.web.numbers import BY_REPLICA, numbers_of
from inference.web.placements import TITLES, again_of, placements_of, serving_of
from inference.web.streams import (
    GONE,
    Live,
    audience_of,
    live,
    observed,
    rendered,
    rendered_rows,
    rows_feed,
)

ROWS = "served-model-rows"
PARTS = {
    "answer": "definitions/answer.html",
    "trio": "definitions/trio.html",
    "drift": "definitions/drift.html",
    "ladder": "definitions/ladder.html",
    "numbers": "served_models/numbers.html",
    "used": "served_models/used.html",
    "definition": "definitions/fields.html",
    "history": "definitions/past.html",
}
Row = dict[str, Any]


def live_of(model: ServedModel) -> Live:
    return live(f"{SERVED_MODEL}:{model.pk}", parts=PARTS)


def page_of(model: ServedModel, teams: Collection[UUID]) -> Row:
    """All that the page shows, the same for all who may change definitions of these teams."""
    placed = placements_of([model.pk])[model.pk]
    told = numbers_of((one["row"].pk, one["row"].cluster) for one in placed)
    routes = Route.objects.live().filter(members__placement__served_model=model)
    return standing_of(model, SERVED_MODEL, teams) | {
        "placements": [one | {"numbers": told[one["row"].pk]} for one in placed],
        "replica_titles": [one.title for one in BY_REPLICA],
        "serving": serving_of(placed),
        "routes": list(routes.select_related("team").distinct().order_by("name")[:50]),
        "rung_titles": TITLES,
    }


def rows_of(models: Sequence[ServedModel]) -> list[Row]:
    """With placements, readiness, sync and change: eleven queries at any length."""
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


def rest_of(rows: Sequence[Row]) -> str:
    """How many of these do not serve."""
    words = [row["serving"].word for row in rows]
    bad = [
        f"{words.count(word)} {word.lower()}"
        for word in ("Not serving", "Starting", "Unknown")
        if word in words
    ]
    return f"On this page: {', '.join(bad)}." if bad else ""


@topic(SERVED_MODEL)
def served_model(user: User, key: str) -> Feed | None:
    rows = ServedModel.objects.live().visible_to(teams_of(user))
    found = list(rows.filter(pk=key).values_list("team", flat=True))
    if not found:
        return None
    also, teams = partial(_notices_of_page, UUID(key)), teams_to_change(user, found)
    return Feed(also(), partial(_parts, UUID(key), teams), audience_of(teams), also=also)


@topic(ROWS)
def served_model_rows(user: User, key: str) -> Feed | None:
    return rows_feed(key, ServedModel.objects.visible_to(teams_of(user)), _notices, _rows)


def _notices_of_page(model: UUID) -> frozenset[str]:
    return _notices([model]) | {f"numbers:{model}"}


def _notices(models: Iterable[UUID]) -> frozenset[str]:
    ids = list(models)
    placed = Placement.objects.live().filter(served_model__in=ids)
    columns = placed.values_list("cluster_id", "namespace", "object_name")
    return frozenset(f"{SERVED_MODEL}:{one}" for one in ids) | {observed(*one) for one in columns}


def _parts(identity: UUID, teams: frozenset[UUID]) -> dict[str, str]:
    model = ServedModel.objects.live().select_related("team").filter(pk=identity).first()
    if model is None:
        return rendered(GONE, {})
    page = page_of(model, teams)
    return rendered(PARTS, page, again_of(page["placements"]))


def _rows(ids: Collection[UUID]) -> dict[str, str]:
    rows = rows_of(list(ServedModel.objects.filter(pk__in=ids).select_related("team")))
    again = again_of(one for row in rows for one in row["placements"])
    made = rendered_rows("served_models/row.html", {one["model"].pk: one for one in rows}, again)
    made |= rendered({"rest": "served_models/rest.html"}, {"rest": rest_of(rows)})
    return made
