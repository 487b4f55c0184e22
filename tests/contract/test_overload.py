"""A server that has no seat for a request says so, and when to come back."""

from tests.contract.actors import Actor
from tests.contract.conftest import Server, until
from tests.contract.samples import config_map


def test_a_request_without_a_seat_is_told_when_to_come_back(
    server: Server, administrator: Actor, person: Actor, place: str
) -> None:
    undo = server.throttle(person, place, administrator)
    until(lambda: person.list("ConfigMap", place).status == 429)

    answer = person.apply(config_map(place))
    undo()

    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) >= 1
    # A request that is turned away at the gate gets plain words, and no Status.
    assert b"too many requests" in answer.content.lower()
