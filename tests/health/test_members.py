"""The last of a push: the members of its route are asked until each of them has answered."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from inference.clusters.models import LiveObject
from inference.definitions.models import Route, RouteMember
from inference.delivery import answering
from inference.delivery.models import Push
from inference.health import members as asking
from inference.health.shares import MOST, TIMES, enough
from inference.messages import health as messages
from inference.observation.models import Reading
from tests.health.gateways import COMPLETION, gateway, says
from tests.health.test_tasks import see
from tests.health.verifying import (
    CANARY,
    FAILS,
    STABLE,
    ask,
    asked,
    from_pod,
    in_turn,
    reading,
    verified,
    verifying,
)


@pytest.fixture
def push(db: None) -> Push:
    return verifying()


@pytest.mark.parametrize(
    "name", [lambda pod, _: {"x_inference_pod": pod}, lambda _, ip: {
        "x_gateway_destination_endpoint": f"{ip}:8000"}],
)  # fmt: skip
def test_it_is_over_as_soon_as_each_member_has_answered_three_times(
    push: Push, name: Callable[[str, str], dict[str, str]]
) -> None:
    stable = says(COMPLETION, **name(f"{STABLE}-a", "10.0.0.0"))
    canary = says(COMPLETION, **name(f"{CANARY}-a", "10.0.0.1"))
    with gateway(in_turn([stable, stable, stable, canary])) as there:
        see(Route.objects.get(), there.port)

        assert asked(push, there) == (4 * TIMES, None)

    assert (reading().value, reading().code) == (4 * TIMES, "")
    assert verified()


def test_one_that_is_silent_is_named_and_waited_for(push: Push) -> None:
    with gateway(from_pod(f"{STABLE}-a")) as there:
        see(Route.objects.get(), there.port)

        assert asked(push, there) == (asking.AT_ONCE, asking.AGAIN)

    assert (reading().value, reading().code) == (None, messages.MEMBERS_SILENT.code)
    assert reading().params["members"] == "qwen-next on h100"
    assert not verified()


def test_a_request_that_fails_has_them_all_answer_again(push: Push) -> None:
    """The canary's picker is not there yet, and each of its requests fails."""
    stable, canary = from_pod(f"{STABLE}-a"), from_pod(f"{CANARY}-a")
    with gateway(in_turn([stable, stable, FAILS, *[stable, canary] * TIMES])) as there:
        see(Route.objects.get(), there.port)

        first = asked(push, there)
        told = reading()
        second = asked(push, there)

    assert first == (3, asking.AGAIN)
    assert told.code == messages.MEMBERS_FAILING.code
    assert told.params["members"] == "qwen-next on h100"
    assert told.params["reason"] == "The gateway answered 500: nothing else"
    assert second == (2 * TIMES, None)
    assert verified()


def test_requests_that_fail_though_each_has_answered_are_told(push: Push) -> None:
    stable, canary = from_pod(f"{STABLE}-a"), from_pod(f"{CANARY}-a")
    with gateway(in_turn([stable, FAILS, canary])) as there:
        see(Route.objects.get(), there.port)
        ask(push)
        LiveObject.objects.filter(kind="Pod").update(gone_at=timezone.now())
        row = reading()
        row.params["heard"] = [str(one.placement_id) for one in RouteMember.objects.all()]
        row.save()
        with gateway(FAILS) as broken:
            LiveObject.objects.filter(kind="Gateway").delete()
            see(Route.objects.get(), broken.port)
            ask(push)

    assert reading().code == messages.MEMBERS_MIXED.code


def test_where_no_replica_is_named_their_number_decides(push: Push) -> None:
    with gateway(says(COMPLETION)) as there:
        see(Route.objects.get(), there.port)

        first, again = asked(push, there)

    assert first == enough({1: 3, 2: 1}, [1, 2])  # type: ignore[dict-item,list-item]
    assert again is None
    assert verified()


def test_a_small_share_is_waited_for_over_several_rounds(push: Push) -> None:
    RouteMember.objects.filter(weight=3).update(weight=19)
    stable, canary = from_pod(f"{STABLE}-a"), from_pod(f"{CANARY}-a")
    with gateway(in_turn([*[stable] * 19, canary])) as there:
        see(Route.objects.get(), there.port)

        rounds = [asked(push, there) for _ in range(2)]

    assert rounds == [(asking.AT_ONCE, asking.AGAIN), (30, None)]
    assert Reading.objects.filter(signal=answering.SIGNAL).count() == 1


def test_what_goes_on_failing_is_asked_ever_more_rarely(push: Push) -> None:
    with gateway(FAILS) as there:
        see(Route.objects.get(), there.port)
        waits = []
        for seconds in (0, 8, 3600):
            row = Reading.objects.filter(signal=answering.SIGNAL).first()
            if row is not None:
                row.params["began"] = (timezone.now() - timedelta(seconds=seconds)).isoformat()
                row.save()
            waits.append(asked(push, there))

    assert [count for count, _ in waits] == [1, 1, 1]
    first, second, third = (wait.total_seconds() for _, wait in waits if wait)
    assert first == asking.AGAIN.total_seconds() < second < third
    assert third == asking.AT_MOST.total_seconds()


def test_one_that_stays_silent_costs_ever_fewer_requests(push: Push) -> None:
    with gateway(from_pod(f"{STABLE}-a")) as there:
        see(Route.objects.get(), there.port)
        ask(push)
        row = reading()
        row.params |= {
            "asked": MOST,
            "began": (timezone.now() - timedelta(hours=1)).isoformat(),
        }
        row.save()

        assert asked(push, there) == (1, asking.AT_MOST)

    assert reading().code == messages.MEMBERS_SILENT.code


@pytest.mark.parametrize("weight", [0, 1])
def test_a_member_without_a_share_is_not_waited_for(push: Push, weight: int) -> None:
    RouteMember.objects.filter(weight=1).update(weight=weight)
    with gateway(from_pod(f"{STABLE}-a")) as there:
        see(Route.objects.get(), there.port)
        again = ask(push)

    assert (again is None) is (weight == 0)


def test_a_route_without_shares_is_not_asked(push: Push) -> None:
    RouteMember.objects.update(weight=0)
    with gateway(FAILS) as there:
        see(Route.objects.get(), there.port)

        assert asked(push, there) == (0, None)

    assert reading().code == messages.NO_SHARES.code
    assert verified()


def test_another_attempt_of_the_push_is_asked_anew(push: Push) -> None:
    with gateway(FAILS) as there:
        see(Route.objects.get(), there.port)
        ask(push)
        Push.objects.update(attempt=2)
        ask(Push.objects.get())

    assert Reading.objects.filter(signal=answering.SIGNAL).count() == 2


def test_nothing_is_asked_when_the_push_has_ended(push: Push) -> None:
    Push.objects.update(state=Push.State.SUCCEEDED, finished_at=timezone.now())
    with gateway(FAILS) as there:
        see(Route.objects.get(), there.port)

        assert asked(push, there) == (0, None)

    assert not Reading.objects.filter(signal=answering.SIGNAL).exists()
