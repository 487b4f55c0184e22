"""A change in a real browser: it follows the rows without a navigation, and greys in silence."""

import signal
import subprocess
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Browser, Page

from inference import events
from inference.accounts.models import User
from inference.changes import actions
from inference.changes.models import ChangeRequest
from tests.api.callers import sign_in
from tests.factories.changes import planned
from tests.live.house import aside, console
from tests.live.world import until

pytestmark = pytest.mark.browser


@pytest.fixture
def change(database: str, author: User) -> ChangeRequest:
    return planned(author)


@pytest.fixture
def served(change: ChangeRequest) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    with console() as made:
        yield made


@pytest.fixture
def address(served: tuple[int, subprocess.Popen[bytes]]) -> str:
    return f"http://127.0.0.1:{served[0]}"


@pytest.fixture
def page(chromium: Browser, address: str, approver: User, change: ChangeRequest) -> Iterator[Page]:
    """The change as its approver has it open; what the browser complains of fails the test."""
    complaints: list[str] = []
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": sign_in(approver), "url": address}
    with chromium.new_context() as context:
        context.add_cookies([cookie])
        opened = context.new_page()
        opened.on("console", lambda said: complaints.append(said.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(f"{address}/change-requests/{change.pk}/")
        opened.wait_for_selector('#live[data-state="live"]')
        yield opened
    assert [text for text in complaints if "policy" in text.lower() or "rror" in text] == []


def test_an_open_page_follows_a_decision(page: Page, approver: User, change: ChangeRequest) -> None:
    page.evaluate("window.stayed = true")

    aside(
        lambda: actions.reject(
            change=change,
            plan_hash=change.plan.hash,
            comment="Not now.",
            by=approver,
            at=timezone.now(),
        )
    )

    page.wait_for_selector("#answer:has-text('ejected')")
    assert page.evaluate("window.stayed")


def test_a_comment_that_is_being_written_stays(page: Page, change: ChangeRequest) -> None:
    page.fill("#decision textarea", "half a thought")

    with page.expect_response(lambda response: response.url.endswith(f"/{change.pk}/")):
        aside(lambda: retitle(change, "Serve more"))

    page.wait_for_selector("h1:has-text('Serve more')")
    assert page.input_value("#decision textarea") == "half a thought"


def test_a_pause_holds_the_page_still(page: Page, change: ChangeRequest) -> None:
    page.click("#live-pause")
    aside(lambda: retitle(change, "Serve more"))
    page.wait_for_function("performance.now() > 0")
    assert page.get_attribute("#live", "data-state") == "paused"

    page.click("#live-pause")

    page.wait_for_selector("h1:has-text('Serve more')")


def test_that_it_lives_is_announced_and_not_each_second_of_it(page: Page) -> None:
    """What a screen reader is told of a status is all that changes in it, hidden parts aside."""
    page.evaluate(
        """() => {
          window.announced = [];
          const live = document.getElementById("live");
          new MutationObserver((changes) => {
            for (const { target } of changes) {
              const element = target.nodeType === 1 ? target : target.parentElement;
              if (!element.closest("[aria-hidden=true]")) window.announced.push(live.textContent);
            }
          }).observe(live, { childList: true, subtree: true, characterData: true });
        }"""
    )

    seen = set()
    for _ in range(30):
        seen.add(page.inner_text("#live"))
        page.wait_for_timeout(100)
    announced = page.evaluate("window.announced")
    page.click("#live-pause")

    assert len(seen) > 1
    assert all(text.startswith("Live, ") for text in seen)
    assert announced == []
    assert page.inner_text("#live") == "Paused"
    assert page.evaluate("window.announced") == ["Paused"]


def test_ages_are_counted_on_and_not_read_out(page: Page) -> None:
    """They may stand in a sentence that is read out when it changes."""
    regions = page.locator("time[data-ago]").evaluate_all(
        "found => found.map((one) => one.closest('[aria-live]')?.ariaLive)"
    )

    assert len(regions) >= 7
    assert set(regions) == {"off"}


def test_a_page_that_hears_nothing_greys(
    page: Page, served: tuple[int, subprocess.Popen[bytes]]
) -> None:
    """Until it hears again: a console that hangs holds its connections."""
    page.clock.install()
    page.reload()
    page.wait_for_selector('#live[data-state="live"]')
    served[1].send_signal(signal.SIGSTOP)
    try:
        # What was on its way when the console stopped is still heard, and may be after the first.
        until(lambda: is_lost_after_half_a_minute(page))

        page.wait_for_selector("#deliveries.is-stale")
    finally:
        served[1].send_signal(signal.SIGCONT)

    page.wait_for_selector('#live[data-state="live"]')
    page.wait_for_selector("#deliveries:not(.is-stale)")


def is_lost_after_half_a_minute(page: Page) -> bool:
    page.clock.fast_forward(31_000)
    return page.get_attribute("#live", "data-state") == "lost"


def retitle(change: ChangeRequest, title: str) -> None:
    with transaction.atomic():
        ChangeRequest.objects.filter(pk=change.pk).update(title=title)
        events.announce(f"change-request:{change.pk}")
