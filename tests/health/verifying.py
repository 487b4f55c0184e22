"""A push that waits for the members of its route, and asking them once more."""

import itertools
import socket
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from inference.clusters.models import EgressRange, LiveObject
from inference.definitions.models import Placement, Route, RouteMember, ServedModel
from inference.delivery import answering
from inference.delivery.models import Push
from inference.health.members import members
from inference.observation.models import Reading
from inference.outbox import Later
from inference.outbox.models import OutboxEntry
from inference.rendering.objects import PLACEMENT
from tests.constraints.rows import DEFINITION, furnish
from tests.health.gateways import COMPLETION, Behaviour, Gateway, says

STABLE, CANARY = "qwen-1", "qwen-next"
FAILS = says(b"", 500)


def from_pod(name: str) -> bytes:
    return says(COMPLETION, x_inference_pod=name)


def in_turn(answers: Sequence[bytes]) -> Behaviour:
    """One after the other, and from the beginning again."""
    following = itertools.cycle(answers)
    return lambda peer: _send(peer, next(following))


def _send(peer: socket.socket, answer: bytes) -> None:
    peer.sendall(answer)


def verifying() -> Push:
    """Being verified: a route over two members, three requests to one, with a pod of each."""
    house = furnish()
    EgressRange.objects.get_or_create(cidr="127.0.0.0/8", defaults={"reason": "tests"})
    placement: Placement = house[Placement]
    model = ServedModel.objects.create(
        team=house[Route].team, name="qwen-next", served_name="qwen", **DEFINITION
    )
    canary = Placement.objects.create(
        served_model=model,
        pool=placement.pool,
        cluster=placement.cluster,
        namespace=placement.namespace,
        object_name=CANARY,
        ready_within=timedelta(hours=1),
    )
    RouteMember.objects.update(weight=3)
    RouteMember.objects.create(route=house[Route], placement=canary, weight=1)
    for number, name in enumerate((STABLE, CANARY)):
        _pod(placement, name, f"10.0.0.{number}")
    Push.objects.update(state=Push.State.VERIFYING)
    return Push.objects.get()


def _pod(placement: Placement, name: str, ip: str) -> None:
    LiveObject.objects.create(
        cluster=placement.cluster,
        kind="Pod",
        api_version="v1",
        namespace=placement.namespace,
        name=f"{name}-a",
        uid=name,
        labels={PLACEMENT: name},
        summary={"ip": ip},
        seen_at=timezone.now(),
        changed_at=timezone.now(),
    )


def ask(push: Push) -> Later | None:
    return members(answering.key_of(push, Route.objects.get().pk))


def asked(push: Push, there: Gateway) -> tuple[int, Later | None]:
    """Requests of one round more, and when the next one is due."""
    before = len(there.requests)
    again = ask(push)
    return len(there.requests) - before, again


def reading() -> Reading:
    return Reading.objects.get(signal=answering.SIGNAL)


def verified() -> bool:
    return OutboxEntry.objects.filter(topic="delivery.verify").exists()
