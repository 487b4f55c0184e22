"""Whether every member of a pushed route has answered since it was pushed. Rows only.

Controllers accept a route before each gateway knows all of its pickers, and one answer shows one
member. Who asks is `health`: it writes a reading for each route of each attempt of a push.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from inference import outbox
from inference.clusters.models import Cluster
from inference.delivery.models import Push
from inference.delivery.standing import Part
from inference.failpoints import declare, failpoint
from inference.messages import find
from inference.messages import health as messages
from inference.observation.ladder import Readiness, Rung, moving
from inference.observation.models import Reading

declare("verify.before_asked")

ASK = "health.members"
SIGNAL = "members-answered"
"""How many requests in a row it took until each member had answered often enough."""


def key_of(push: Push, route: UUID) -> str:
    return f"{push.pk}/{route}"


def of_attempt(push: Push) -> dict[str, Any]:
    """What tells the readings of one attempt of a push from others."""
    return {"push": push.pk, "attempt": push.attempt}


def readings(push: Push, routes: Iterable[UUID]) -> QuerySet[Reading]:
    """Of these routes: by nothing else are readings found without reading all of them."""
    told = {f"params__{name}": value for name, value in of_attempt(push).items()}
    return Reading.objects.filter(subject_id__in=list(routes), signal=SIGNAL, **told)


def silent(push: Push, routes: Sequence[Part]) -> list[Part]:
    """Those of which not every member has answered yet; one that nobody asks is asked now.

    One that cannot be asked, which its reading tells by `is_excused`, is as its controllers say.
    Nobody speaks to a cluster that is held.
    """
    if not routes:
        return []
    own = readings(push, (part.id for part in routes))
    found = {row.subject_id: row for row in own.order_by("pk")}
    unasked = [part.id for part in routes if part.id not in found]
    if unasked and push.cluster.state != Cluster.State.HELD:
        _ask(push, unasked)
    return [
        replace(part, readiness=_waits(push, found.get(part.id)))
        for part in routes
        if part.id not in found or not _has_answered(found[part.id])
    ]


def _has_answered(reading: Reading) -> bool:
    return reading.value is not None or bool(reading.params.get("is_excused"))


def _waits(push: Push, reading: Reading | None) -> Readiness:
    if push.cluster.state == Cluster.State.HELD:
        return moving(Rung.ROUTABLE, messages.MEMBERS_HELD, cluster=push.cluster.name)
    if reading is None:
        return moving(Rung.ROUTABLE, messages.MEMBERS_UNASKED)
    return moving(Rung.ROUTABLE, find(reading.code), **reading.params)


@transaction.atomic
def _ask(push: Push, routes: Sequence[UUID]) -> None:
    failpoint("verify.before_asked")
    for route in routes:
        outbox.post(ASK, key_of(push, route))
