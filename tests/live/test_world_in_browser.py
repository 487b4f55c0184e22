"""Open pages tell what happens in a cluster: drift, pods that fail, an observer that is gone.

Nobody reloads; and what happens once is shown once.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect
from pytest_django import DjangoDbBlocker

from inference.accounts.models import User
from tests.api.callers import sign_in
from tests.browser.conftest import LISTEN
from tests.live.house import aside
from tests.live.world import World, notices, standing, until

pytestmark = [pytest.mark.browser, pytest.mark.kubectl]
MODEL, ROUTE, CLUSTER, HOME = (
    "/served-models/chat/qwen3/",
    "/routes/chat/chat/",
    "/clusters/east/",
    "/",
)
TOPICS = {MODEL: "served-model", ROUTE: "route", CLUSTER: "cluster", HOME: "overview"}
PATIENCE = 25_000
AGE = re.compile(r"\d+ (s|min) ago")
STOPPED = re.compile(r"^\s*stopped since \d\d:\d\d\s*$")
COUNT = """
window.swapped = 0;
document.getElementById("live").addEventListener("htmx:sse:after:message", (event) => {
  if (!event.detail.message.event) window.swapped += 1;
});
"""
Open = Callable[[str], Page]


@pytest.fixture(scope="module")
def world(
    django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with django_db_blocker.unblock(), standing(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture
def open_page(chromium: Browser, world: World) -> Iterator[Open]:
    """Pages of the author. A page that leaves its address, or complains, fails the test."""
    expect.set_options(timeout=PATIENCE)
    key = aside(lambda: sign_in(User.objects.get(username="author")))
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": world.address}
    complaints: list[str] = []
    left: list[str] = []
    with chromium.new_context(base_url=world.address) as context:
        context.add_cookies([cookie])
        context.add_init_script(LISTEN)
        context.set_default_timeout(PATIENCE)

        def made(address: str) -> Page:
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(address)
            page.wait_for_selector('#live[data-state="live"]')
            page.evaluate(COUNT)
            page.on("framenavigated", lambda frame: left.append(frame.url))
            return page

        yield made
        expect.set_options(timeout=None)
        reports = [one for page in context.pages for one in page.evaluate("window.reports")]
    assert (complaints, left, reports) == ([], [], [])


@pytest.fixture(autouse=True)
def as_it_was(world: World) -> Iterator[None]:
    """Two replicas, as they were pushed."""
    yield
    aside(world.play)
    aside(lambda: world.scale(2))


def renders(world: World, address: str) -> int:
    return world.renders(TOPICS[address])


def is_ready(page: Page, count: int) -> None:
    """Until the ladder shows `count` replicas at the picker, and none anywhere else."""
    expect(page.locator("#ladder tbody tr:not(.group, .reason)")).to_have_count(count)
    expect(page.locator("#ladder .rung.no")).to_have_count(0)


@pytest.mark.parametrize("address", [MODEL, ROUTE, CLUSTER, HOME])
def test_an_idle_page_hears_nothing(world: World, open_page: Open, address: str) -> None:
    is_ready(open_page(MODEL), 2)
    page = open_page(address)
    aside(lambda: world.rounds(2))
    # The token that was asked for in the beginning is too old some day, once.
    most = 1 if address in {ROUTE, HOME} else 0
    told, shown, swapped = aside(notices), renders(world, address), page.evaluate("swapped")

    aside(lambda: world.rounds(3))

    assert aside(notices) == told
    assert renders(world, address) - shown <= most
    assert page.evaluate("swapped") - swapped <= most


def test_a_scale_by_hand_is_drift_with_a_name_on_every_open_page(
    world: World, open_page: Open
) -> None:
    pages = {address: open_page(address) for address in (MODEL, ROUTE, CLUSTER, HOME)}
    is_ready(pages[MODEL], 2)
    aside(lambda: world.rounds(2))
    told, seen = aside(notices), {address: renders(world, address) for address in pages}

    aside(lambda: world.scale(3))

    for address in (MODEL, ROUTE, CLUSTER):
        drift = pages[address].locator("#drift")
        expect(drift).to_contain_text("replicas")
        expect(drift).to_contain_text("kubectl")
        expect(drift).to_contain_text("draft a change that says 3")
        expect(pages[address].locator("#answer")).to_contain_text("Drifted: kubectl set replicas")
    expect(pages[HOME].locator("#faults")).to_contain_text("kubectl set replicas")
    expect(pages[MODEL].locator("#trio")).to_contain_text("Drift")
    is_ready(pages[MODEL], 3)
    aside(lambda: world.rounds(2))
    # The object, its ReplicaSet, and a new pod: scheduled, pulled, started, ready; then the sums.
    events = aside(notices) - told
    assert 0 < events <= 12
    for address, page in pages.items():
        shown = renders(world, address) - seen[address]
        assert 0 < shown <= events
        assert page.evaluate("swapped") <= shown + 1


def test_what_was_set_back_is_still_said_to_be_held(world: World, open_page: Open) -> None:
    page = open_page(MODEL)
    aside(lambda: world.scale(3))
    expect(page.locator("#drift")).to_contain_text("set it to 2")

    aside(lambda: world.scale(2))

    expect(page.locator("#drift")).to_contain_text("The next push of this definition owns it")


@pytest.mark.parametrize(("way", "replicas"), [("Take it back…", 2), ("Keep 3…", 3)])
def test_a_scale_by_hand_is_settled_by_a_change(
    world: World, open_page: Open, way: str, replicas: int
) -> None:
    page = open_page(MODEL)
    is_ready(page, 2)
    aside(lambda: world.scale(3))
    link = page.locator("#drift").get_by_role("link", name=way).get_attribute("href")
    assert link

    other = page.context.new_page()
    other.goto(link)
    other.get_by_label("Reason").fill("Nobody asked for three")
    other.get_by_role("button", name="Draft and submit").click()
    expect(other.locator("#answer")).to_contain_text("approv", ignore_case=True)
    if replicas == 2:
        expect(other.locator("#content")).to_contain_text("back from kubectl by force: from 3 to 2")
    else:
        expect(other.locator("#content")).to_contain_text("Waybill owns spec.replicas")
    aside(world.approve)

    expect(page.locator("#trio")).to_contain_text("In sync")
    expect(page.locator("#drift")).to_be_hidden()
    is_ready(page, replicas)
    assert aside(world.replicas) == replicas
    if replicas == 3:
        aside(lambda: world.settle(2))


FAILURES = {
    "an image that is not there": (
        {"pull": "manifest unknown"},
        ("cannot pull its image", "manifest unknown", "Draft a change with an image"),
    ),
    "a crash with its last words": (
        {"exit": 3, "say": "ValueError: no kernel image is available"},
        ("ended with code 3", "no kernel image is available", "kubectl logs -n llm-chat"),
    ),
    "too little memory": (
        {"load": 60, "oom": 2},
        ("killed for want of memory", "Draft a change with a shorter context"),
    ),
    "a readiness probe that hangs": (
        {"hang": ["readiness"]},
        ("its readiness probe gets no answer", "deleting the pod starts the engine anew"),
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_replica_that_fails_says_why_and_what_to_do(
    world: World, open_page: Open, name: str
) -> None:
    fate, words = FAILURES[name]
    pages = [open_page(MODEL), open_page(ROUTE)]
    aside(lambda: world.play(**fate))

    aside(lambda: world.scale(3))

    for page in pages:
        reason = page.locator("#ladder .reason").filter(has_text=words[0]).first
        for word in words:
            expect(reason).to_contain_text(word)
        expect(page.locator("#ladder .rung.is-bad").first).to_have_text(STOPPED)


def test_replicas_without_room_say_what_is_lacking(world: World, open_page: Open) -> None:
    page = open_page(MODEL)

    aside(lambda: world.scale(17))

    reason = page.locator("#ladder .reason").filter(has_text="No node takes").first
    expect(reason).to_contain_text("Insufficient nvidia.com/gpu")
    expect(reason).to_contain_text("Free accelerators in that pool")


def test_a_dead_observer_greys_what_it_saw_and_a_new_one_heals_it(
    world: World, open_page: Open
) -> None:
    pages = {address: open_page(address) for address in (MODEL, ROUTE, CLUSTER, HOME)}
    is_ready(pages[MODEL], 2)
    seen = {address: renders(world, address) for address in pages}

    world.end_observer()

    for address in (MODEL, ROUTE):
        page = pages[address]
        expect(page.locator("#ladder tbody.is-stale")).to_have_count(1)
        sync = page.locator("#trio .is-stale").filter(has_text="Sync, ")
        expect(sync).to_contain_text("last seen")
        expect(page.locator("#answer")).to_contain_text(AGE)
    expect(pages[MODEL].locator("#answer")).to_contain_text("Unknown")
    expect(pages[ROUTE].locator("#flow .node.is-stale").first).to_be_visible()
    expect(pages[CLUSTER].locator("#signals .is-stale")).to_contain_text("not now")
    expect(pages[CLUSTER].locator("#standing tr.is-stale")).to_have_count(1)
    expect(pages[HOME].locator("#faults")).to_contain_text("Not observed")
    for address in pages:
        # The namespace of the model, and that of the gateway: each may be found out by itself.
        assert 0 < renders(world, address) - seen[address] <= 3

    aside(world.observe)

    for address in (MODEL, ROUTE):
        expect(pages[address].locator("#ladder .is-stale")).to_have_count(0)
        sync = pages[address].locator("#trio .is-stale").filter(has_text="Sync, ")
        expect(sync).to_have_count(0)
    expect(pages[MODEL].locator("#answer")).to_contain_text("Serving")
    expect(pages[CLUSTER].locator("#signals")).to_contain_text("live")
    expect(pages[HOME].locator("#faults")).not_to_contain_text("Not observed")


def test_nothing_moves_under_the_mouse(world: World, open_page: Open) -> None:
    page = open_page(HOME)
    aside(lambda: world.scale(3))
    expect(page.locator("#faults")).to_contain_text("to 3")
    page.locator("#faults li").hover()

    heard = page.evaluate("swapped")
    aside(lambda: world.scale(4))
    until(lambda: page.evaluate("swapped") > heard)
    expect(page.locator("#faults")).to_contain_text("to 3")

    page.mouse.move(0, 0)
    expect(page.locator("#faults")).to_contain_text("to 4")


def test_a_row_of_a_list_changes_in_its_place(world: World, open_page: Open) -> None:
    page: Any = open_page("/served-models/")
    expect(page.locator("tbody tr")).to_have_count(1)

    aside(lambda: world.scale(3))

    expect(page.locator("tbody tr")).to_contain_text("Drift")
    assert page.locator("tbody tr").count() == 1


def test_an_open_list_tells_what_was_added_and_moves_nothing(world: World, open_page: Open) -> None:
    page = open_page("/routes/")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("#news")).to_be_hidden()

    made = aside(world.another_route)
    try:
        expect(page.locator("#news")).to_contain_text("1 route was added since")
        assert page.locator("tbody tr").count() == 1
        other = page.context.new_page()
        other.goto("/routes/")
        expect(other.locator("tbody tr")).to_have_count(2)
        expect(other.locator("#news")).to_be_hidden()
    finally:
        aside(made.delete)
