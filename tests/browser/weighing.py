"""What a first view of a page costs on the wire: its requests, and their bytes as they are sent."""

import gzip
from dataclasses import dataclass

from playwright.sync_api import Page, Request

MOST_BYTES = 90 * 1024
MOST_SCRIPT = 35 * 1024
MOST_REQUESTS = 8
SENT_AS_THEY_ARE = ("font/", "image/png")


@dataclass(frozen=True)
class Weight:
    """`script` is the part of `total` that is JavaScript; bytes are compressed."""

    requests: int
    total: int
    script: int


def weigh(page: Page, address: str) -> Weight:
    """Open `address` with nothing cached, which a context with routes sees to.

    A stream is a request without an end: it counts, and weighs nothing.
    """
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.goto("about:blank")
    page.on("request", note)
    page.goto(address)
    page.remove_listener("request", note)
    sizes = {url: size(page, url) for url in asked if "/live/" not in url}
    scripts = [url for url in sizes if url.partition("?")[0].endswith(".js")]
    return Weight(len(asked), sum(sizes.values()), sum(sizes[url] for url in scripts))


def size(page: Page, url: str) -> int:
    """Compressed as whitenoise compresses files, and the middleware pages."""
    answer = page.request.get(url)
    body = answer.body()
    if answer.headers["content-type"].startswith(SENT_AS_THEY_ARE):
        return len(body)
    return len(gzip.compress(body))
