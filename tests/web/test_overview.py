"""The overview and the audit: one answer on top, the worst first; and what was done, by whom."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inference.accounts.models import Team, User
from inference.changes import actions
from inference.clusters.client.kinds import READ, WRITTEN
from inference.clusters.models import Cluster, LiveObject, WatchState
from inference.definitions.models import Route, RouteMember
from inference.health.assessment import Serving
from inference.observation.models import ObserverLease, Reading
from inference.web import badges
from inference.web.overview_live import failing_of
from tests.api.house import House, furnish
from tests.web import scenes
from tests.web.markup import words

Browse = Callable[[User | None], Client]


def answer(browser: Client, query: str = "") -> str:
    return str(browser.get(f"/{query}").context["answer"])


def test_without_routes_it_says_so(viewer: User, browse: Browse) -> None:
    page = browse(viewer).get("/")

    assert page.context["answer"] == "No route is defined yet"
    assert "Clusters to look at 0 you see none yet" in words(page.content.decode())


def test_what_nobody_sees_is_not_counted_as_well(
    house: House, viewer: User, browse: Browse
) -> None:
    page = browse(viewer).get("/")

    assert page.context["answer"] == "The one route cannot be seen"
    assert "Routes answering unknown 1 route cannot be seen" in words(page.content.decode())


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("", True),
        ("?environment=prod&cluster=east-0&team=chat", True),
        ("?environment=dev", False),
        ("?cluster=nowhere", False),
        ("?team=other", False),
    ],
)
def test_changes_are_those_in_scope_as_in_the_inbox(
    query: str, is_there: bool, house: House, author: User, approver: User, browse: Browse
) -> None:
    waiting = scenes.in_review(house, author)
    running = scenes.started(scenes.in_review(house, author), approver)
    recent = scenes.started(scenes.in_review(house, author), approver, state="failed")

    shown = browse(approver).get(f"/{query}").context

    found = {
        name: {one["change"].pk for one in shown[name]} for name in ("waiting", "running", "recent")
    }
    assert (waiting.pk in found["waiting"]) is is_there
    assert (running.pk in found["running"]) is is_there
    assert (recent.pk in found["recent"]) is is_there


@pytest.mark.parametrize(
    ("query", "of_what"),
    [("", ""), ("?environment=dev", "This page: All teams, all of dev.")],
)
def test_an_overview_where_nothing_waits_says_of_what_it_is(
    query: str, of_what: str, house: House, viewer: User, browse: Browse
) -> None:
    page = words(browse(viewer).get(f"/{query}").content.decode())

    assert f"no change waits for your word. {of_what}".strip() in page
    assert ("This page:" in page) is bool(of_what)


@pytest.mark.parametrize(
    ("code", "said"),
    [("cluster-known", "east-0: known already"), ("cluster-timed-out", "east-0: does not answer")],
)
def test_a_cluster_to_look_at_is_named_with_what_it_is(
    code: str, said: str, house: House, viewer: User, browse: Browse
) -> None:
    Cluster.objects.update(problem_code=code)

    page = words(browse(viewer).get("/").content.decode())

    assert f"Clusters to look at 1 {said}" in page


def test_a_real_token_makes_a_route_answer(house: House, viewer: User, browse: Browse) -> None:
    Reading.objects.create(
        cluster=house.cluster,
        subject_kind="route",
        subject_id=house.route.pk,
        signal="first-token",
        value=140,
        source="probe",
        at=timezone.now(),
    )

    response = browse(viewer).get("/")

    row = response.context["routes"][0]
    assert row["serving"].word in {"Serving", "Degraded"}
    assert row["reading"].value == 140


def test_the_newest_probe_is_found_behind_the_long_history_of_another_route(
    chat: Team, author: User, viewer: User, browse: Browse
) -> None:
    houses = [furnish(chat, author, number) for number in range(2)]
    now = timezone.now()
    Reading.objects.bulk_create(
        Reading(
            cluster=house.cluster,
            subject_kind="route",
            subject_id=house.route.pk,
            signal="first-token",
            value=second,
            source="probe",
            at=now - timedelta(seconds=second),
        )
        for house in houses
        for second in range(1, 400)
    )

    rows = browse(viewer).get("/routes/").context["rows"]

    assert [row["reading"].value for row in rows] == [1, 1]


def test_my_approvals_and_silent_clusters_need_me(
    house: House, author: User, approver: User, viewer: User, browse: Browse
) -> None:
    change = scenes.in_review(house, author)
    Cluster.objects.update(problem_code="cluster-unreachable", contacted_at=timezone.now())

    mine = words(browse(approver).get("/").content.decode())
    theirs = browse(viewer).get("/")

    assert f"#{change.pk} {change.title}" in mine
    assert "Does not answer" in mine
    assert theirs.context["waiting"] == []


def observe(cluster: Cluster) -> None:
    """Its observer lives, and has seen everything: there is no object of the model."""
    ObserverLease.objects.create(
        cluster=cluster, holder="one", expires_at=Now() + timedelta(seconds=30)
    )
    WatchState.objects.all().delete()
    WatchState.objects.bulk_create(
        WatchState(
            cluster=cluster, namespace="llm-chat", kind=kind, heard_at=Now(), synced_at=Now()
        )
        for kind in {one.kind for one in (*WRITTEN, *READ)}
    )
    LiveObject.objects.all().delete()


def failing_in(page: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.context["failing"]["shown"]
    return found


def test_a_placement_that_fails_needs_somebody_unless_its_route_tells_so(house: House) -> None:
    row = {"word": Serving.NOT_SERVING, "row": house.placement}
    member = RouteMember.objects.get(route=house.route)
    route: dict[str, Any] = {"route": house.route, "members": [member]}

    def failing(word: Serving) -> list[dict[str, Any]]:
        return failing_of([row], [route | {"serving": badges.serving(word, "")}])

    assert failing(Serving.NOT_SERVING) == []
    assert failing(Serving.DEGRADED) == []
    assert [one["routes"] for one in failing(Serving.SERVING)] == [str(house.route)]


def test_a_model_that_fails_and_has_no_route_needs_somebody(
    house: House, viewer: User, outsider: User, browse: Browse
) -> None:
    observe(house.cluster)
    Route.objects.update(deleted_at=timezone.now())

    page = browse(viewer).get("/")
    html = page.content.decode()

    (one,) = failing_in(page)
    assert one["row"] == house.placement
    assert page.context["answer"] == "No route is defined yet; 1 placement needs you"
    assert f"on {house.pool.name}, {house.cluster.name}, behind no route" in words(html)
    assert one["badge"].line in words(html)
    assert f'href="/served-models/chat/{house.model.name}/#ladder"' in html
    assert failing_in(browse(viewer).get("/?cluster=elsewhere")) == []
    assert failing_in(browse(outsider).get("/")) == []


def test_others_see_nothing_of_it(house: House, outsider: User, browse: Browse) -> None:
    response = browse(outsider).get("/")

    assert response.context["answer"] == "No route is defined yet"
    assert house.route.name not in response.content.decode()


def test_the_scope_narrows_it(house: House, viewer: User, browse: Browse) -> None:
    assert answer(browse(viewer), "?cluster=elsewhere") == "No route is defined yet"
    assert "The one route" in answer(browse(viewer), "?team=chat&environment=prod")


@pytest.mark.parametrize(
    ("query", "elsewhere"), [("environment=dev", 0), ("cluster=elsewhere", 0), ("team=search", 1)]
)
def test_what_is_out_of_scope_is_in_no_part_of_it(
    query: str, elsewhere: int, house: House, viewer: User, browse: Browse
) -> None:
    """But clusters, which belong to no team."""
    scenes.drift(house)
    Cluster.objects.update(problem_code="cluster-unreachable")
    browser = browse(viewer)

    def shown(address: str) -> list[int]:
        page = browser.get(address).context
        counted = [page[name]["total"] for name in ("silent", "drifts")]
        return [*counted, len(page["pools"]), len(page["routes"])]

    assert shown("/") == [1, 1, 1, 1]
    assert shown(f"/?{query}") == [elsewhere, 0, 0, 0]


def test_it_costs_as_many_queries_with_one_of_each_as_with_ten(
    house: House, author: User, viewer: User, chat: Team, browse: Browse
) -> None:
    browser = browse(viewer)
    browser.get("/")
    few = _count(browser, "/")
    for number in range(1, 10):
        furnish(chat, author, number)

    assert _count(browser, "/") == few


def _count(browser: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


def test_the_audit_tells_the_story_of_a_change(
    house: House, author: User, approver: User, viewer: User, browse: Browse
) -> None:
    change = scenes.in_review(house, author)
    assert change.plan is not None
    actions.approve(change=change, plan_hash=change.plan.hash, by=approver, at=timezone.now())

    response = browse(viewer).get(f"/audit-events/?q={change.title}&order=oldest")

    verbs = [row["event"].verb for row in response.context["rows"]]
    assert verbs == ["drafted", "approved"]
    assert ("State", "in review", "approved") in response.context["rows"][1]["differences"]


def test_the_audit_is_of_ones_own_teams_and_filters_by_address(
    house: House, author: User, outsider: User, platform: User, viewer: User, browse: Browse
) -> None:
    def events(user: User, query: str = "") -> list[str]:
        rows = browse(user).get(f"/audit-events/?{query}").context["rows"]
        return [row["event"].subject_name for row in rows]

    assert house.draft.title in events(viewer)
    assert events(outsider) == []
    assert house.draft.title not in events(platform)
    assert any("wbl" in one or "…" in one for one in events(platform))
    assert events(viewer, "actor=nobody") == []
    assert events(viewer, "verb=drafted&actor=author") != []


def test_the_audit_costs_as_many_queries_with_few_rows_as_with_fifty(
    house: House, author: User, viewer: User, browse: Browse
) -> None:
    browser = browse(viewer)
    browser.get("/audit-events/")
    few = _count(browser, "/audit-events/")
    for _ in range(50):
        scenes.drafted(house, author)

    assert _count(browser, "/audit-events/") == few
