"""Somebody of a demo before a browser of their own."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.browser.conftest import LISTEN
from tests.demo import Demo

PATIENCE = 60_000
"""Milliseconds that something may take to come."""


class Person:
    """Somebody with a browser of their own, and what it complains of."""

    def __init__(
        self, chromium: Browser, world: Demo, name: str, width: int = 1440, **options: Any
    ) -> None:
        self.context: BrowserContext = chromium.new_context(
            base_url=world.address, viewport={"width": width, "height": 844}, **options
        )
        self.context.add_init_script(LISTEN)
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.left: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self._sign_in(name, world.password(name))
        self.page.on("framenavigated", lambda frame: self.left.append(frame.url))

    def _sign_in(self, name: str, password: str) -> None:
        self.page.goto("/sign-in/")
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.locator("h1")).to_be_visible()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def reports(self) -> list[str]:
        """What the policy has reported, and what else went wrong."""
        found: list[str] = self.page.evaluate("window.reports")
        return found + self.complaints
