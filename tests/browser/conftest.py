"""The system's Chromium in front of a live server. A report of the policy fails the test."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Route,
    ViewportSize,
)
from pytest_django.live_server_helper import LiveServer

from inference.accounts.models import Team, User
from tests.api.house import House, furnish
from tests.browser.shooting import LOOKS, Shoot, keep
from tests.health.capacities import node, watched
from tests.web import scenes

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
LISTEN = """
window.reports = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.reports.push(`${event.violatedDirective}: ${event.blockedURI}`);
});
"""

Open = Callable[..., Page]


@pytest.fixture
def house(transactional_db: None, chat: Team, author: User) -> House:
    return furnish(chat, author)


@pytest.fixture
def reader(house: House, admin: User, author: User) -> User:
    """Who sees every page: an admin of the team who is platform too."""
    User.objects.filter(pk=admin.pk).update(is_platform=True)
    scenes.in_review(house, author, objects=3)
    watched(house.cluster)
    node(house.cluster, "node-1")
    node(house.cluster, "node-2", unschedulable=True)
    admin.refresh_from_db()
    return admin


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer) -> Iterator[Open]:
    """`open_page(user, address, width=…, theme=…)`: a page of somebody who is signed in."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def made(
        user: User | None,
        address: str = "",
        width: int = 1440,
        theme: Any = "light",
        **options: Any,
    ) -> Page:
        size = ViewportSize(width=width, height=844)
        context = chromium.new_context(
            viewport=size, color_scheme=theme, base_url=live_server.url, **options
        )
        contexts.append(context)
        context.add_init_script(LISTEN)
        context.route("**/live/**", _nothing_new)
        if user is not None:
            context.add_cookies([_session(user, live_server.url)])
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda one: said.append(one.text) if _is_fault(one) else None)
        if address:
            page.goto(address)
        return page

    yield made

    for context in contexts:
        for page in context.pages:
            said += page.evaluate("window.reports || []")
        context.close()
    assert said == []


@pytest.fixture
def shoot(open_page: Open) -> Shoot:
    """`shoot(state, name, user, address, then=…)`: one picture for each look."""
    pages: dict[tuple[Any, str], Page] = {}

    def made(
        state: str,
        name: str,
        user: User | None,
        address: str,
        then: Callable[[Page], object] | None = None,
    ) -> None:
        for look, width, theme in LOOKS:
            key = (user.pk if user else None, look)
            if key not in pages:
                pages[key] = open_page(user, width=width, theme=theme)
            page = pages[key]
            page.goto(address)
            if then:
                then(page)
                page.wait_for_load_state()
            keep(page, state, name, look)

    return made


def _nothing_new(route: Route) -> None:
    """Streams are another process's, tested in tests/live: here one says that it is there."""
    beat = f"retry: 60000\nevent: beat\ndata: {round(time.time() * 1000)}\n\n"
    route.fulfill(status=200, content_type="text/event-stream", body=beat)


def _is_fault(message: ConsoleMessage) -> bool:
    """Chromium calls an answer like 404 or 422 an error; here it is a refusal with a sentence.

    Streams are another process' part: this server has none, and pages say so by their mark.
    """
    refusal = [f"status of {status}" for status in (401, 403, 404, 409, 422)]
    if "/live/" in message.location["url"]:
        return False
    return message.type == "error" and not any(one in message.text for one in refusal)


def _session(user: User, url: str) -> Any:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


def violations(page: Page) -> list[str]:
    """What axe finds, as rule and place. Half-faded colours are no colours: it waits for them."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
