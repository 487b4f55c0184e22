"""Pages of consoles at work, to look at: a demo as it opens, and a cluster whose observer is gone.

Written into var/shots beside those of `shots.py`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect
from pytest_django import DjangoDbBlocker

from inference.accounts.models import User
from tests import demo
from tests.api.callers import sign_in
from tests.browser.person import PATIENCE, Person
from tests.browser.shooting import LOOKS, keep
from tests.live.house import aside
from tests.live.world import World, standing

pytestmark = pytest.mark.browser

DEMO = {
    "overview": "/",
    "model": "/served-models/chat/qwen3-32b/",
    "model-failing": "/served-models/search/deepseek-r1/",
    "route-canary": "/routes/chat/chat-east/",
    "pool": "/hardware-pools/chat/h100-east/",
    "cluster": "/clusters/east/",
    "models": "/served-models/",
    "routes": "/routes/",
    "changes": "/change-requests/?view=all",
}
SILENT = {
    "overview": "/",
    "model": "/served-models/chat/qwen3/",
    "route": "/routes/chat/chat/",
    "cluster": "/clusters/east/",
    "change": "/change-requests/1/",
}


def test_demo(chromium: Browser, tmp_path: Path) -> None:
    with demo.running(tmp_path, pace=0.3) as world:
        people = {
            look: Person(chromium, world, "approver", width, color_scheme=theme)
            for look, width, theme in LOOKS
        }
        for look, person in people.items():
            page = person.page
            for name, address in DEMO.items():
                page.goto(address)
                page.wait_for_timeout(600)  # for numbers that a page asks for when it has come
                keep(page, "demo", name, look)
            _try(page, look)
            _changes(page, look)


def _try(page: Page, look: str) -> None:
    page.goto(DEMO["route-canary"])
    page.get_by_role("button", name="Try it").click()
    expect(page.locator('[data-figure="whole"]')).not_to_be_empty(timeout=PATIENCE)
    keep(page, "demo", "tried", look)


def _changes(page: Page, look: str) -> None:
    """Those that wait, and the first that is done."""
    for name, view in (("change-waiting", "needs-me"), ("change-done", "done")):
        page.goto(f"/change-requests/?view={view}")
        page.locator("#main tbody th a").first.click()
        expect(page.locator("#stops")).to_be_visible()
        keep(page, "demo", name, look)


@pytest.fixture
def world(
    django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with django_db_blocker.unblock(), standing(tmp_path_factory.mktemp("world")) as made:
        yield made


def test_silence(chromium: Browser, world: World) -> None:
    """Of the observer, on pages that are read then."""
    key: Any = aside(lambda: sign_in(User.objects.get(username="author")))
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": world.address}
    aside(world.end_observer)
    for look, width, theme in LOOKS:
        with chromium.new_context(
            base_url=world.address, viewport={"width": width, "height": 844}, color_scheme=theme
        ) as context:
            context.add_cookies([cookie])
            page = context.new_page()
            page.goto(SILENT["model"])
            page.wait_for_selector("#ladder .is-stale", timeout=PATIENCE)
            for name, address in SILENT.items():
                page.goto(address)
                keep(page, "silent", name, look)
