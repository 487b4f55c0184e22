"""What other hands have changed, in sentences: who, which field, since when, and what to do."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from inference.definitions.models import Route, ServedModel
from inference.delivery.drift import Drift, Taken
from inference.manifests import digest
from inference.messages import delivery as messages
from inference.planning.takes import Take

REPLICAS = "spec.replicas"
KNOWN_AS = {REPLICAS: "replicas"}
"""Fields that people call by another name than their path."""
Pages = Mapping[UUID, str]
"""By definition, the address where its drift is settled."""


@dataclass(frozen=True)
class Hand:
    """One field that somebody else has set, or one object that is gone.

    `key` is of all that is so now; `take` is None where no force is needed, `keep` what the
    definition would say where it can say it, and `page` leads to where a change is drafted.
    """

    object: str
    field: str
    manager: str
    pushed: str
    live: str
    at: datetime | None
    sentence: str
    advice: str
    key: str = ""
    placement: UUID | None = None
    take: Take | None = None
    keep: int | None = None
    page: str = ""

    @property
    def is_gone(self) -> bool:
        return not self.field and not self.manager and self.live == GONE


GONE = "deleted"


def hands_of(found: Iterable[Drift], pages: Pages | None = None) -> list[Hand]:
    """In the order of the objects; what is gone speaks for all of its fields."""
    made = []
    for one in found:
        page = (pages or {}).get(one.definition_id, "")
        if one.gone_at is not None:
            made.append(_gone(one, one.gone_at, page))
        else:
            made += [_hand(one, taken, page) for taken in one.fields]
    return made


def pages_of(found: Sequence[Drift], teams: Collection[UUID]) -> dict[UUID, str]:
    """Of the definitions of these teams: one query for each kind, and none where nothing drifts."""
    ids = {one.definition_id for one in found}
    if not ids or not teams:
        return {}
    return {
        pk: reverse(f"web:{noun}-drift", args=[team, name])
        for table, noun in ((ServedModel, "served-model"), (Route, "route"))
        for pk, team, name in table.objects.live()
        .filter(pk__in=ids, team__in=teams)
        .values_list("pk", "team__name", "name")
    }


def line_of(hands: Sequence[Hand]) -> str:
    """What the first says, and how many there are besides."""
    if not hands:
        return ""
    more = len(hands) - 1
    return hands[0].sentence + (f" And {more} more." if more else "")


def advice_of(hands: Iterable[Hand]) -> list[str]:
    """What to do about them: each advice once."""
    return list(dict.fromkeys(one.advice for one in hands))


def _hand(drift: Drift, taken: Taken, page: str) -> Hand:
    name = KNOWN_AS.get(taken.path, taken.path)
    params = {
        "manager": f"`{taken.manager}`",
        "field": f"{name} of {drift.object}",
        "live": taken.live or "another value",
        "pushed": taken.pushed or "another value",
    }
    by_force = taken.path and taken.manager and taken.pushed != taken.live
    place = (drift.cluster, drift.kind, drift.namespace, drift.name)
    is_said = drift.is_workload and drift.placement_id and taken.path == REPLICAS
    return Hand(
        drift.object,
        name,
        taken.manager,
        taken.pushed,
        taken.live,
        taken.at,
        taken.message.text(**params),
        taken.message.advice(**params),
        key=digest([*place, taken.path, taken.manager, taken.live])[:16],
        placement=drift.placement_id,
        take=Take(*place, taken.path, taken.manager) if by_force else None,
        keep=int(taken.live) if is_said and taken.live.isdigit() else None,
        page=page,
    )


def _gone(drift: Drift, at: datetime, page: str) -> Hand:
    message = messages.OBJECT_GONE
    params = {"object": drift.object}
    return Hand(
        drift.object,
        "",
        "",
        "there",
        GONE,
        at,
        message.text(**params),
        message.advice(**params),
        key=digest([drift.cluster, drift.kind, drift.namespace, drift.name, GONE])[:16],
        page=page,
    )
