"""Chromium before a console that runs as a process of its own, for measures of what people see."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from playwright.sync_api import BrowserContext, sync_playwright

from tests.conftest import CHROMIUM


@contextmanager
def chromium(port: int, session: str) -> Iterator[BrowserContext]:
    """Signed in by the key of a session. Ask the database before it, or from another thread."""
    address = f"http://127.0.0.1:{port}"
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM
        )
        context = browser.new_context(base_url=address)
        context.add_cookies([cookie])
        yield context
        browser.close()
