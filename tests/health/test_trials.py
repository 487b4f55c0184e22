"""Tickets for tries: who gets one, how often, and that each is good for one thing once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from inference.accounts.models import Membership, Team, User
from inference.audit.models import AuditEvent
from inference.clusters.models import Cluster, LiveObject
from inference.definitions.models import Route
from inference.errors import Conflict, NotAllowed, Refusal
from inference.health import actions
from inference.health.actions import MOST_IN_A_WINDOW, allow_try, take_try
from inference.health.models import Trial
from inference.health.prompts import Prompt
from inference.messages import access
from inference.messages import health as probes
from inference.messages import trials as messages
from inference.observation.summaries import summary_of
from inference.rendering.objects import PLACEMENT
from tests.api.house import House, furnish
from tests.health.test_tasks import see

PROMPT = Prompt("canary: what is a cache for?", max_tokens=16)


@pytest.fixture
def house(chat: Team, author: User) -> House:
    made = furnish(chat, author)
    see(made.route, 8080)
    return made


def allowed(house: House, by: User, session: str = "s", prompt: Prompt = PROMPT) -> str:
    return allow_try(
        route=house.route, prompt=prompt, session_key=session, by=by, at=timezone.now()
    )


def taken(ticket: str, by: User, session: str = "s", prompt: Prompt = PROMPT) -> Any:
    return take_try(ticket=ticket, prompt=prompt, session_key=session, by=by)


def test_a_ticket_is_taken_once(house: House, author: User) -> None:
    ticket = allowed(house, author)

    order = taken(ticket, author)

    assert (order.target.port, order.target.hostname, order.target.model) == (
        8080,
        "chat.example",
        "llama",
    )
    assert (order.prompt, order.seconds) == (PROMPT, 60)
    with pytest.raises(Conflict, match="made already"):
        taken(ticket, author)


def test_a_ticket_runs_out(house: House, author: User) -> None:
    ticket = allowed(house, author)
    Trial.objects.update(made_at=Now() - timedelta(seconds=31), expires_at=Now())

    with pytest.raises(Conflict, match="waited for too long"):
        taken(ticket, author)


@pytest.mark.parametrize(
    "other",
    [{"session": "another"}, {"prompt": Prompt("Something else", max_tokens=16)}, {"ticket": "x"}],
    ids=["session", "prompt", "ticket"],
)
def test_a_ticket_is_good_for_what_it_was_given_for(
    other: dict[str, Any], house: House, author: User
) -> None:
    ticket = allowed(house, author)

    with pytest.raises(Conflict):
        taken(**{"ticket": ticket, "by": author, **other})
    assert taken(ticket, author)


def test_a_ticket_is_not_for_somebody_else(house: House, author: User, approver: User) -> None:
    ticket = allowed(house, author)

    with pytest.raises(Conflict):
        taken(ticket, approver)
    assert taken(ticket, author)


def test_whoever_lost_the_role_meanwhile_has_no_use_for_it(house: House, author: User) -> None:
    ticket = allowed(house, author)
    Membership.objects.filter(user=author).update(role=Membership.Role.VIEWER)

    with pytest.raises(NotAllowed):
        taken(ticket, author)


def _delete(house: House) -> None:
    Route.objects.update(deleted_at=timezone.now())


def _hold(house: House) -> None:
    Cluster.objects.update(state=Cluster.State.HELD)


@pytest.mark.parametrize("end", [_delete, _hold])
def test_a_route_that_is_gone_or_held_is_not_tried(end: Any, house: House, author: User) -> None:
    ticket = allowed(house, author)
    end(house)

    with pytest.raises(Conflict):
        taken(ticket, author)


def test_viewers_robots_and_strangers_get_none(
    house: House, viewer: User, robot: User, outsider: User
) -> None:
    for who, message in (
        (viewer, access.LACKS_ROLE),
        (robot, messages.ROBOTS_DO_NOT_TRY),
        (outsider, access.LACKS_ROLE),
    ):
        with pytest.raises(NotAllowed) as refusal:
            allowed(house, who)
        assert refusal.value.message is message
    assert not Trial.objects.exists()


def test_in_a_held_cluster_nothing_is_tried(house: House, author: User) -> None:
    Cluster.objects.update(state=Cluster.State.HELD)
    house.route.refresh_from_db()

    with pytest.raises(Conflict) as refusal:
        allowed(house, author)

    assert refusal.value.message is messages.HELD


def test_of_a_gateway_that_nobody_sees_there_is_no_ticket(house: House, author: User) -> None:
    LiveObject.objects.filter(kind="Gateway").delete()

    with pytest.raises(Refusal) as refusal:
        allowed(house, author)

    assert refusal.value.message is probes.GATEWAY_UNSEEN


def test_who_tries_too_often_waits(house: House, author: User, approver: User) -> None:
    for _ in range(MOST_IN_A_WINDOW):
        allowed(house, author)

    with pytest.raises(Refusal) as refusal:
        allowed(house, author)

    assert refusal.value.message is messages.TOO_MANY
    assert 1 <= refusal.value.params["seconds"] <= 60
    assert allowed(house, approver)
    Trial.objects.update(made_at=Now() - timedelta(seconds=61))
    assert allowed(house, author)


def test_the_audit_tells_who_tried_what_and_never_what_was_asked(
    house: House, author: User
) -> None:
    ticket = allowed(house, author)

    event = AuditEvent.objects.get(verb="tried")
    assert (event.actor_id, event.subject_kind, event.subject_id, event.team_id) == (
        author.pk,
        "route",
        str(house.route.pk),
        house.team.pk,
    )
    assert "canary" not in event.before + event.after
    kept = [str(value) for value in Trial.objects.values_list().get()]
    assert not [value for value in kept if "canary" in value or ticket in value]


def test_old_tickets_are_forgotten(house: House, author: User) -> None:
    allowed(house, author)
    Trial.objects.update(made_at=Now() - actions.KEPT_FOR - timedelta(seconds=1))

    allowed(house, author)

    assert Trial.objects.count() == 1


def test_pods_behind_the_route_are_known_by_their_addresses(house: House, author: User) -> None:
    for name, placement, ip, gone in (
        ("mine", house.placement.object_name, "10.0.0.7", None),
        ("ended", house.placement.object_name, "10.0.0.8", timezone.now()),
        ("pending", house.placement.object_name, "", None),
        ("of-another", "another", "10.0.0.9", None),
    ):
        LiveObject.objects.create(
            cluster=house.cluster,
            api_version="v1",
            kind="Pod",
            namespace="llm-chat",
            name=name,
            uid=name,
            labels={PLACEMENT: placement},
            summary=summary_of({"kind": "Pod", "status": {"podIP": ip}}),
            seen_at=timezone.now(),
            changed_at=timezone.now(),
            gone_at=gone,
        )

    assert taken(allowed(house, author), author).pods == {"10.0.0.7": "mine"}
