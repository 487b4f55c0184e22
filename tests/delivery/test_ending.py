"""What the end of a push leads to."""

from django.db import transaction
from django.utils import timezone

from inference.accounts.models import Team, User
from inference.delivery import ending
from inference.delivery.models import Push, PushOutcome
from inference.outbox.models import OutboxEntry
from tests.api.house import furnish
from tests.web import scenes


def test_routes_that_lead_to_what_was_pushed_are_asked_for_a_token_at_once(
    chat: Team, author: User, approver: User
) -> None:
    house = furnish(chat, author)
    change = scenes.started(scenes.in_review(house, author), approver)
    push = Push.objects.select_related("change__team", "cluster").get(change=change)
    assert not OutboxEntry.objects.filter(topic="health.probe").exists()

    with transaction.atomic():
        ending.finish(push, Push.State.SUCCEEDED, timezone.now(), None, {})

    asked = OutboxEntry.objects.filter(topic="health.probe").values_list("key", flat=True)
    assert list(asked) == [str(house.route.pk)]


def test_a_push_that_got_nothing_there_has_nobody_asked(
    chat: Team, author: User, approver: User
) -> None:
    house = furnish(chat, author)
    change = scenes.started(
        scenes.in_review(house, author),
        approver,
        outcome=PushOutcome.Outcome.REJECTED,
        code="manifest-invalid",
        params={"detail": "no"},
    )
    push = Push.objects.select_related("change__team", "cluster").get(change=change)

    with transaction.atomic():
        ending.finish(push, Push.State.FAILED, timezone.now(), None, {})

    assert not OutboxEntry.objects.filter(topic="health.probe").exists()
