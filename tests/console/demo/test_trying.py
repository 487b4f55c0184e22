"""*Try it* on the furnished world: a prompt typed in Chromium, and tokens of a simulated engine."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.console.demo.test_pages import door_of

pytestmark = pytest.mark.browser


def test_a_prompt_gets_its_tokens_and_its_figures(furnished: Path, chromium: Browser) -> None:
    address, password = door_of((furnished / "demo.log").read_text(), "author")
    with chromium.new_context(base_url=address) as context:
        page = context.new_page()
        page.goto("/sign-in/")
        page.get_by_label("Username").fill("author")
        page.get_by_label("Password").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/")
        page.goto("/routes/chat/chat-east/")

        page.get_by_label("Prompt", exact=True).fill("What is a key-value cache for?")
        page.keyboard.press("Control+Enter")

        expect(page.locator("#try-status")).to_contain_text("Answered at")
        assert len(page.locator("#try-said").inner_text().split()) > 5
        expect(page.locator('[data-figure="first"]')).to_have_text(re.compile(r"\d+"))
        expect(page.locator('[data-figure="rate-by"]')).to_contain_text("counted by the engine")
        expect(page.locator('[data-figure="replica"]')).to_contain_text("qwen3-32b")
