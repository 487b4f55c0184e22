"""The pages of a demo at their best: `make tour` writes them into docs/tour."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import demo
from tests.browser.person import PATIENCE, Person
from tests.browser.shooting import PHONE
from tests.demo import Demo

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "tour"
QUALITY = 80
LARGEST = 1_200_000
"""Bytes of all shots together."""
PACE = 0.3


def test_tour(chromium: Browser, tmp_path: Path) -> None:
    with demo.running(tmp_path, pace=PACE) as world:
        for old in FOLDER.glob("*.webp"):
            old.unlink()
        author = Person(chromium, world, "author", color_scheme="light")
        change = _asked_for(author.page)
        _look_around(author.page)
        _by_night(chromium, world)
        author.page.goto(change)
        expect(author.page.locator("#answer")).to_contain_text("Waits for one", timeout=PATIENCE)
        shoot(author.page, "change")
        _signed(chromium, world, change)
        _arrived(author.page)

    assert sum(path.stat().st_size for path in FOLDER.glob("*.webp")) < LARGEST


def shoot(page: Page, name: str, height: int = 0) -> None:
    """The page from its top: all of it, or as much as `height` says."""
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(400)  # for numbers that a page asks for when it has come
    size = page.viewport_size
    assert size is not None
    whole = page.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": size["width"], "height": height or whole, "scale": 1}
    session = page.context.new_cdp_session(page)
    options = {"format": "webp", "quality": QUALITY, "captureBeyondViewport": True, "clip": clip}
    found = session.send("Page.captureScreenshot", options)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(found["data"]))


def _asked_for(page: Page) -> str:
    """Three replicas instead of two; the address of the change."""
    page.goto("/served-models/chat/qwen3-32b/")
    page.get_by_role("link", name="Draft change").click()
    page.get_by_label("Replicas").first.fill("3")
    page.get_by_label("Reason").fill("Requests wait in the mornings: one replica more.")
    expect(page.locator("#foreseen")).to_contain_text("+2 accelerators", timeout=PATIENCE)
    shoot(page, "form", 844)
    page.get_by_role("button", name="Draft and submit").click()
    expect(page.locator("#stops")).to_be_visible()
    return page.url


def _look_around(page: Page) -> None:
    page.goto("/served-models/search/deepseek-r1/")
    shoot(page, "model-without-a-place", 700)


def _by_night(chromium: Browser, world: Demo) -> None:
    night = Person(chromium, world, "approver", color_scheme="dark")
    night.page.goto("/")
    shoot(night.page, "overview")
    night.page.goto("/routes/chat/chat-east/")
    shoot(night.page, "route", 1000)
    night.context.close()


def _signed(chromium: Browser, world: Demo, change: str) -> None:
    phone = Person(chromium, world, "approver", PHONE, color_scheme="light")
    phone.page.goto(change)
    shoot(phone.page, "phone", 844)
    bar = phone.page.get_by_role("group", name="Decision")
    bar.get_by_role("button", name="Approve").click()
    expect(phone.page.locator("#answer")).not_to_contain_text("Waits for one")
    phone.context.close()


def _arrived(page: Page) -> None:
    """The author has not touched anything since."""
    expect(page.locator("#arrival")).to_contain_text("3 of 3", timeout=PATIENCE)
    expect(page.locator("#stops li").last).to_contain_text(" ms", timeout=PATIENCE)
    shoot(page, "arrived", 1000)
    page.goto("/audit-events/")
    shoot(page, "audit", 844)
