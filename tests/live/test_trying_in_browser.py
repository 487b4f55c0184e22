"""Trying a route in a real browser: by keyboard, stopped, refused, on a phone, and as text."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect

from inference.accounts.models import Team, User
from inference.clusters.models import EgressRange
from tests.api.callers import sign_in
from tests.api.house import House, furnish
from tests.browser.conftest import LISTEN, violations
from tests.databases import on_file
from tests.health.gateways import (
    ANSWER,
    DONE,
    Behaviour,
    chunk,
    gateway,
    opening,
    piece,
    says,
    streams,
)
from tests.health.test_tasks import see
from tests.live.house import PATIENCE, aside, console

pytestmark = pytest.mark.browser

Open = Callable[..., Any]


@pytest.fixture
def database(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """What a browser sees of a try is one on every database."""
    with on_file(tmp_path):
        yield "sqlite"


@pytest.fixture
def house(database: str, chat: Team, author: User) -> House:
    found = furnish(chat, author)
    EgressRange.objects.get_or_create(cidr="127.0.0.0/8", defaults={"reason": "tests"})
    return found


@pytest.fixture
def open_route(chromium: Browser, house: House) -> Iterator[Open]:
    """`with open_route(user, gateway, …) as page`: the page of a route that leads there. What the
    browser complains of fails the test."""
    with console() as (port, _):
        address = f"http://127.0.0.1:{port}"

        @contextmanager
        def opened(user: User, answer: bytes | Behaviour, **options: Any) -> Iterator[Page]:
            said: list[str] = []
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": sign_in(user), "url": address}
            with (
                gateway(answer) as there,
                chromium.new_context(base_url=address, **options) as context,
            ):
                see(house.route, there.port)
                context.add_cookies([cookie])
                context.add_init_script(LISTEN)
                page = context.new_page()
                page.on("pageerror", lambda error: said.append(str(error)))
                page.goto(f"/routes/{house.team.name}/{house.route.name}/")
                yield page
                if options.get("java_script_enabled", True):
                    said += page.evaluate("window.reports")
            assert said == []

        yield opened


def test_a_prompt_is_written_sent_by_keys_and_answered(open_route: Open, author: User) -> None:
    with open_route(author, streams(*ANSWER, x_inference_pod="llama-a")) as page:
        page.get_by_label("Prompt", exact=True).fill("What is\na cache for?")
        page.keyboard.press("Control+Enter")

        expect(page.locator("#try-status")).to_contain_text("Answered at")
        expect(page.locator("#try-said")).to_have_text("To remember.")
        expect(page.locator('[data-figure="first"]')).to_have_text(re.compile(r"\d+"))
        expect(page.locator('[data-figure="replica"]')).to_have_text("llama-a")
        expect(page.locator("#try-problem")).to_be_hidden()
        expect(page.locator("#call-curl-text")).to_contain_text("What is\\na cache for?")


def test_pieces_are_on_the_page_before_the_answer_has_ended(open_route: Open, author: User) -> None:
    go_on = threading.Event()

    def behaviour(peer: socket.socket) -> None:
        peer.sendall(opening() + piece(chunk("one")))
        assert go_on.wait(PATIENCE)
        peer.sendall(piece(chunk(" two", "stop")) + piece(DONE) + piece(b""))

    with open_route(author, behaviour) as page:
        page.get_by_role("button", name="Try it").click()

        expect(page.locator("#try-said")).to_have_text("one")
        expect(page.get_by_role("button", name="Try it")).to_be_disabled()
        go_on.set()
        expect(page.locator("#try-said")).to_have_text("one two")
        expect(page.get_by_role("button", name="Try it")).to_be_enabled()


def test_stop_ends_the_request_to_the_gateway(open_route: Open, author: User) -> None:
    ended = threading.Event()

    def behaviour(peer: socket.socket) -> None:
        peer.sendall(opening() + piece(chunk("one")))
        peer.settimeout(PATIENCE)
        with suppress(ConnectionResetError):
            peer.recv(1)
        ended.set()

    with open_route(author, behaviour) as page:
        page.get_by_role("button", name="Try it").click()
        expect(page.locator("#try-said")).to_have_text("one")

        page.get_by_role("button", name="Stop").click()

        expect(page.locator("#try-status")).to_have_text("Stopped by you.")
        expect(page.get_by_role("button", name="Stop")).to_be_hidden()
        expect(page.get_by_role("button", name="Try it")).to_be_focused()
        assert ended.wait(PATIENCE)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (says(b"no healthy upstream", 503), "The gateway has no replica to send this to, 503"),
        (streams(chunk("half")), "The answer ended in the middle"),
    ],
)
def test_what_goes_wrong_is_read_where_the_answer_would_be(
    answer: bytes, words: str, open_route: Open, author: User
) -> None:
    with open_route(author, answer) as page:
        page.get_by_role("button", name="Try it").click()

        expect(page.get_by_role("alert")).to_contain_text(words)
        expect(page.locator("#try-status")).to_be_empty()
        expect(page.get_by_role("button", name="Try it")).to_be_enabled()


def test_a_refusal_of_the_console_is_read_there_too(
    open_route: Open, author: User, house: House
) -> None:
    with open_route(author, streams(*ANSWER)) as page:
        aside(author.memberships.all().delete)

        page.get_by_role("button", name="Try it").click()

        expect(page.get_by_role("alert")).to_contain_text("Load it again")


def test_what_a_model_says_is_text(open_route: Open, author: User) -> None:
    evil = '<img src=x onerror="window.hit = 1"><b>bold</b>'

    with open_route(author, streams(chunk(evil, "stop"), DONE)) as page:
        page.get_by_role("button", name="Try it").click()

        expect(page.locator("#try-said")).to_have_text(evil)
        assert page.locator("#try-said *").count() == 0
        assert page.evaluate("window.hit") is None


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_panel_shuts_nobody_out_and_fits_a_phone(
    theme: str, open_route: Open, author: User
) -> None:
    size = {"width": 360, "height": 800}
    answer = streams(*ANSWER, x_inference_pod="llama-" + "x" * 80)

    with open_route(author, answer, viewport=size, color_scheme=theme) as page:
        page.get_by_role("button", name="Try it").click()
        expect(page.locator("#try-status")).to_contain_text("Answered at")

        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_without_script_it_says_so_and_shows_how_to_send_it(open_route: Open, author: User) -> None:
    with open_route(author, streams(*ANSWER), java_script_enabled=False) as page:
        expect(page.get_by_text("Trying it here needs JavaScript.")).to_be_visible()
        expect(page.get_by_role("button", name="Try it")).to_be_disabled()
        expect(page.locator("#call-curl-text")).to_be_visible()

        page.get_by_text("OpenAI client", exact=True).click()

        expect(page.locator("#call-python-text")).to_be_visible()
        expect(page.locator("#call-curl-text")).to_be_hidden()


def test_the_code_is_copied(open_route: Open, author: User) -> None:
    rights = ["clipboard-read", "clipboard-write"]

    with open_route(author, streams(*ANSWER), permissions=rights) as page:
        page.get_by_role("button", name="Copy the request for curl").click()
        page.get_by_text("Copied").wait_for()

        copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("curl --no-buffer")


def test_a_session_that_has_ended_is_named_and_the_prompt_stays(
    open_route: Open, author: User
) -> None:
    with open_route(author, streams(*ANSWER)) as page:
        prompt = page.get_by_label("Prompt", exact=True)
        prompt.fill("What is a cache for?")
        aside(lambda: Session.objects.all().delete())
        page.keyboard.press("Control+Enter")

        expect(page.locator("#try-problem")).to_have_text(
            "You are signed out. Sign in in another tab, and try it again here: your prompt stays."
        )
        expect(prompt).to_have_value("What is a cache for?")
        expect(page.locator("#signed-out")).to_be_visible()
