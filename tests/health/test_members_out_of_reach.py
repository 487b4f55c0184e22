"""A route whose gateway Waybill cannot ask is as its controllers say; one that breaks is not."""

from functools import partial

import pytest
from django.utils import timezone

from inference.clusters.models import EgressRange
from inference.definitions.models import Route
from inference.delivery.models import Push
from inference.health import members as asking
from inference.messages import health as messages
from tests.health.gateways import gateway, no_longer_taking_calls, nowhere, says
from tests.health.test_tasks import see
from tests.health.verifying import STABLE, ask, from_pod, in_turn, reading, verified, verifying


@pytest.fixture
def push(db: None) -> Push:
    return verifying()


@pytest.mark.parametrize("status", [401, 403])
def test_a_gateway_that_asks_who_its_clients_are_tells_nothing_of_its_members(
    push: Push, status: int
) -> None:
    with gateway(says(b"", status)) as there:
        see(Route.objects.get(), there.port)

        assert ask(push) is None

    assert reading().params["is_excused"]
    assert reading().code == messages.REFUSED.code
    assert verified()


def test_a_gateway_that_may_not_be_dialled_is_as_its_controller_says(push: Push) -> None:
    EgressRange.objects.all().delete()
    see(Route.objects.get(), 80)

    assert ask(push) is None

    assert (reading().code, reading().params["is_excused"]) == (messages.NOT_DIALLED.code, True)
    assert verified()


def test_a_gateway_that_nobody_reaches_has_a_minute_to_open(push: Push) -> None:
    see(Route.objects.get(), nowhere())

    assert ask(push) == asking.AGAIN
    assert not verified()
    row = reading()
    row.params["began"] = (timezone.now() - 2 * asking.REACHED_WITHIN).isoformat()
    row.save()

    assert ask(push) is None
    assert (reading().code, reading().params["is_excused"]) == (messages.UNREACHABLE.code, True)


def test_a_gateway_whose_network_no_worker_reaches_has_a_minute_to_open(
    push: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ask", partial(asking.ask, seconds=0.2))
    with no_longer_taking_calls() as port:
        see(Route.objects.get(), port)
        ask(push)
        row = reading()
        row.params["began"] = (timezone.now() - 2 * asking.REACHED_WITHIN).isoformat()
        row.save()

        assert ask(push) is None

    assert (reading().code, reading().params["is_excused"]) == (messages.UNREACHABLE.code, True)


def test_a_gateway_that_has_answered_and_now_hangs_up_is_not_out_of_reach(push: Push) -> None:
    """It answers for one member and breaks with the other: workers do reach it."""
    with gateway(in_turn([from_pod(f"{STABLE}-a"), b""])) as there:
        see(Route.objects.get(), there.port)
        ask(push)
        row = reading()
        row.params["began"] = (timezone.now() - 2 * asking.REACHED_WITHIN).isoformat()
        row.save()

        assert ask(push) == asking.AT_MOST

    assert reading().code == messages.MEMBERS_FAILING.code
    assert reading().params["members"] == "qwen-next on h100"
    assert not verified()
