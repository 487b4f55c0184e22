"""Lists: pages by cursor, filters that are on a list, and nothing else that a query reaches."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from inference.accounts.models import Team, User
from inference.changes.models import ChangeRequest, Contributor
from tests.api.addresses import ROWS, names_in_address
from tests.api.callers import Caller, code_of
from tests.api.house import House
from tests.factories.accounts import TeamFactory
from tests.factories.changes import decided, planned

Rest = Callable[..., Caller]


def walk(caller: Caller, path: str) -> list[Any]:
    """Every item of a list, page by page."""
    items: list[Any] = []
    following: str | None = f"/api/v1/{path}"
    while following:
        page = caller.get(following.removeprefix("/api/v1/")).json()
        items += page["items"]
        following = page["next"]
    return items


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 200])
def test_pages_hold_every_row_once_and_in_order(limit: int, platform: User, rest: Rest) -> None:
    for number in range(7):
        TeamFactory.create(name=f"team-{number}")

    found = walk(rest(platform), f"teams/?limit={limit}")

    assert [team["name"] for team in found] == [f"team-{number}" for number in range(7)]


def test_a_row_that_is_added_moves_no_other(platform: User, rest: Rest) -> None:
    caller = rest(platform)
    for number in range(4):
        TeamFactory.create(name=f"team-{number}")
    first = caller.get("teams/?limit=2").json()

    TeamFactory.create(name="aaa")

    second = caller.get(first["next"].removeprefix("/api/v1/")).json()
    assert [team["name"] for team in second["items"]] == ["team-2", "team-3"]


def test_pages_go_on_within_one_moment(
    house: House, viewer: User, author: User, rest: Rest
) -> None:
    for _ in range(5):
        planned(author, cluster=house.cluster)

    found = walk(rest(viewer), "audit-events/?limit=2")

    assert len(found) == len({event["id"] for event in found}) > 6


def test_a_page_keeps_its_filters(house: House, author: User, rest: Rest) -> None:
    for _ in range(3):
        planned(author, cluster=house.cluster)

    page = rest(author).get("change-requests/?state=in-review&limit=2").json()

    assert "state=in-review" in page["next"]
    assert "limit=2" in page["next"]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "MQ",
        "eyJhIjoxfQ:1x:y",
        "%00",
        "WyJ6Il0:1vNjgM:wrong",
        "é",
        "a" * 5000,
    ],
)
def test_a_cursor_of_somebody_elses_making_is_refused(
    cursor: str, platform: User, rest: Rest
) -> None:
    assert code_of(rest(platform).get(f"teams/?cursor={cursor}")) == (400, "cursor-invalid")


def test_a_cursor_of_another_list_is_refused(platform: User, rest: Rest) -> None:
    caller = rest(platform)
    TeamFactory.create(name="one")
    TeamFactory.create(name="two")
    cursor = caller.get("teams/?limit=1").json()["next"].partition("cursor=")[2]

    response = caller.get(f"people/?cursor={cursor.partition('&')[0]}")

    assert code_of(response) == (400, "cursor-invalid")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "", "1e2", "²", "99999999999"])
def test_a_page_has_between_1_and_200_items(limit: str, platform: User, rest: Rest) -> None:
    assert code_of(rest(platform).get(f"teams/?limit={limit}")) == (400, "limit-invalid")


@pytest.mark.parametrize(
    "query",
    [
        "owner__password=x",
        "owner__password__startswith=pbkdf2",
        "secret_hash=x",
        "owner__username=x",
        "ordering=secret_hash",
        "format=json",
        "page=2",
        "pk__in=1",
    ],
)
def test_what_is_no_filter_is_refused_and_not_ignored(
    query: str, platform: User, rest: Rest
) -> None:
    assert code_of(rest(platform).get(f"tokens/?{query}")) == (400, "filter-unknown")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("change-requests/?state=nonsense", "filter-invalid"),
        ("change-requests/?definition=1", "filter-invalid"),
        ("change-requests/?state=draft&state=failed", "filter-twice"),
        ("pushes/?change=x", "filter-invalid"),
        ("pushes/?change=99999999999999999999", "filter-invalid"),
        ("pushes/?change=-1", "filter-invalid"),
        ("pushes/?change=1.5", "filter-invalid"),
        ("environment-rules/?limit=x", "limit-invalid"),
        ("audit-events/?since=yesterday", "filter-invalid"),
        ("clusters/?environment=", "ok"),
        ("audit-events/?verb=%00", "filter-invalid"),
        ("me/?verbose=1", "filter-unknown"),
    ],
)
def test_a_filter_is_taken_as_it_is_meant_or_not_at_all(
    path: str, code: str, author: User, rest: Rest
) -> None:
    response = rest(author).get(path)

    assert response.status_code == 200 if code == "ok" else code_of(response) == (400, code)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    route=some.sampled_from(sorted({r for m, r in ROWS if m == "GET" and r.endswith("-list")})),
    name=some.sampled_from(["state", "team", "cluster", "kind", "change", "definition", "cursor"]),
    value=some.text(max_size=12),
)
def test_no_query_string_breaks_a_list(
    route: str, name: str, value: str, house: House, platform: User, rest: Rest
) -> None:
    names = names_in_address(route, house)
    caller = getattr(platform, "caller", None) or rest(platform)
    platform.caller = caller

    response = caller.ask(route, names, {name: value})

    assert response.status_code in {200, 400, 404}


def test_a_change_that_waits_for_my_decision_needs_me(
    house: House, approver: User, rest: Rest
) -> None:
    [found] = rest(approver).get("change-requests/?needs_me=true").json()["items"]

    assert found["id"] == house.change.pk


def test_nothing_needs_me_that_i_may_not_decide(
    house: House, viewer: User, author: User, robot: User, rest: Rest
) -> None:
    for user in (viewer, author, robot):
        assert rest(user).get("change-requests/?needs_me=true").json()["items"] == []


def test_a_decision_that_i_made_needs_me_no_more(house: House, approver: User, rest: Rest) -> None:
    decided(house.change, approver)

    assert rest(approver).get("change-requests/?needs_me=true").json()["items"] == []


def test_what_i_had_a_hand_in_needs_another(house: House, approver: User, rest: Rest) -> None:
    Contributor.objects.create(change=house.change, user=approver)

    assert rest(approver).get("change-requests/?needs_me=true").json()["items"] == []


def test_a_change_that_was_sent_back_needs_its_author(
    house: House, author: User, rest: Rest
) -> None:
    ChangeRequest.objects.filter(pk=house.change.pk).update(state="changes-requested")

    [found] = rest(author).get("change-requests/?needs_me=true").json()["items"]

    assert found["id"] == house.change.pk


def test_changes_of_a_definition_are_found_by_its_id(
    house: House, author: User, rest: Rest
) -> None:
    wanted = house.draft.revision.edits.get().definition_id  # type: ignore[union-attr]  # it has one

    found = rest(author).get(f"change-requests/?definition={wanted}").json()["items"]

    assert [change["id"] for change in found] == [house.draft.pk]


def test_changes_of_a_team_are_found_by_its_name(
    house: House, chat: Team, author: User, rest: Rest
) -> None:
    caller = rest(author)

    assert len(caller.get("change-requests/?team=chat").json()["items"]) == 2
    assert caller.get("change-requests/?team=search").json()["items"] == []
