"""The frame's statements, made once, say to each reader what the queries of lists say."""

import pytest

from inference.accounts.models import User
from inference.accounts.policies import teams_of
from inference.changes.visibility import needs, visible
from inference.clusters.visibility import clusters
from inference.web.surroundings import surroundings_of
from tests.api.house import House
from tests.web.scenes import in_review

KINDS = [
    pytest.param({}, id="a person"),
    pytest.param({"is_platform": True}, id="platform"),
    pytest.param({"is_superuser": True}, id="a superuser"),
    pytest.param({"kind": User.Kind.ROBOT, "is_platform": False}, id="a robot"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_reader_is_told_what_the_lists_say(
    house: House,
    viewer: User,
    author: User,
    approver: User,
    outsider: User,
    platform: User,
    kind: dict[str, bool | str],
) -> None:
    in_review(house, author)
    readers = [viewer, author, approver, outsider, platform]
    User.objects.filter(pk__in=[one.pk for one in readers]).update(**kind)

    for reader in User.objects.filter(pk__in=[one.pk for one in readers]):
        told = surroundings_of(reader)

        assert told.waiting == visible(reader).filter(needs(reader)).count()
        assert told.teams == [one.name for one in teams_of(reader).order_by("name")]
        assert told.clusters == [one.name for one in clusters(reader).order_by("name")]


def test_what_waits_is_counted_for_the_one_who_may_decide(
    house: House, author: User, approver: User
) -> None:
    before = surroundings_of(approver).waiting
    in_review(house, author)

    assert surroundings_of(approver).waiting == before + 1
    assert surroundings_of(author).waiting == 0
