"""One word for a route: a recent token outweighs what controllers say, and silence is unknown."""

from datetime import timedelta

import pytest

from inference.health.assessment import RECENT, Probe, Serving, assess_route
from inference.messages import Message, observation
from inference.messages import health as messages
from inference.observation.ladder import Blind, Readiness, Rung, moving, stopped, unknown
from tests.conftest import NOON

READY = Readiness(Rung.ROUTABLE, True, observation.READY)
STOPPED = stopped(Rung.ACCEPTED, observation.GATEWAY_NO_ADDRESS, gateway="gw/llm")
MOVING = moving(Rung.ACCEPTED, observation.ROUTE_NOT_JUDGED)
UNSEEN = unknown(Blind(observation.NEVER_OBSERVED))


def token(ago: timedelta = timedelta()) -> Probe:
    return Probe(NOON - ago, 180)


def refusal(ago: timedelta = timedelta()) -> Probe:
    params = {"status": 503, "reason": "no healthy upstream"}
    return Probe(NOON - ago, None, messages.REFUSED, params)


LATE = RECENT + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("readiness", "probe", "word", "message"),
    [
        (READY, token(), Serving.SERVING, messages.ANSWERED),
        (READY, token(RECENT), Serving.SERVING, messages.ANSWERED),
        (STOPPED, token(), Serving.DEGRADED, messages.ANSWERED),
        (UNSEEN, token(), Serving.SERVING, messages.ANSWERED),
        (READY, refusal(), Serving.NOT_SERVING, messages.REFUSED),
        (STOPPED, refusal(), Serving.NOT_SERVING, observation.GATEWAY_NO_ADDRESS),
        (STOPPED, None, Serving.NOT_SERVING, observation.GATEWAY_NO_ADDRESS),
        (MOVING, None, Serving.STARTING, observation.ROUTE_NOT_JUDGED),
        (MOVING, refusal(), Serving.STARTING, observation.ROUTE_NOT_JUDGED),
        (UNSEEN, None, Serving.UNKNOWN, observation.NEVER_OBSERVED),
        (UNSEEN, refusal(), Serving.UNKNOWN, observation.NEVER_OBSERVED),
        (UNSEEN, token(LATE), Serving.UNKNOWN, observation.NEVER_OBSERVED),
        (READY, None, Serving.UNKNOWN, messages.NOT_PROBED),
        (READY, token(LATE), Serving.UNKNOWN, messages.NOT_PROBED),
        (READY, refusal(LATE), Serving.UNKNOWN, messages.NOT_PROBED),
    ],
)
def test_a_route_has_one_word_and_its_reason(
    readiness: Readiness, probe: Probe | None, word: Serving, message: Message
) -> None:
    found = assess_route(readiness, probe, NOON)

    assert (found.word, found.message) == (word, message)
    assert found.sentence
