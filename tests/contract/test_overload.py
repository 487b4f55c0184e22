"""A server that has no seat for a request says so, and when to come back."""

from tests.contract.actors import Actor
from tests.contract.conftest import Server, until
from tests.contract.samples import config_map


def test_a_request_without_a_seat_is_told_when_to_come_back(
    server: Server, administrator: Actor, place: str
) -> None:
    crowd = Actor("crowd", server.url, server.ca, server.certificate("crowd"))
    undo = server.throttle("crowd", administrator)
    until(lambda: crowd.apply(config_map(place)).status == 429)

    answer = crowd.apply(config_map(place))
    undo()

    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.content == b"Too many requests, please try again later.\n"
