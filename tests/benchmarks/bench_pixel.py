"""P8, status-to-pixel: from a commit on PostgreSQL to the open page in Chromium that shows it.

The control is the same page with its stream cut off, which asks for itself every two seconds.
"""

import random
import statistics
import time
from collections.abc import Iterator

from playwright.sync_api import BrowserContext, Page

from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from tests.api.callers import sign_in
from tests.benchmarks import installation
from tests.benchmarks.bench_live import rename
from tests.benchmarks.browsing import chromium
from tests.benchmarks.report import Row
from tests.factories.changes import planned
from tests.factories.clusters import ClusterFactory
from tests.live.house import aside, console

ROUNDS = 15
POLL = 2.0
BUDGET = 0.12
PATIENCE = 30.0
WATCH = """
window.seen = {};
const look = () => {
  for (const word of document.body.textContent.match(/east-\\d+/g) || []) {
    window.seen[word] ||= Date.now() / 1000;
  }
};
new MutationObserver(look).observe(document.body, {
  subtree: true, childList: true, characterData: true,
});
"""
ASK = """
setInterval(async () => {
  const text = await (await fetch(location.href)).text();
  const found = new DOMParser().parseFromString(text, "text/html");
  document.getElementById("main").replaceWith(found.getElementById("main"));
}, %d);
"""


def measure() -> Iterator[Row]:
    with installation.folder() as where, installation.database(where) as who:
        cluster = ClusterFactory.create(name="east-0")
        change, session = planned(who.author, cluster=cluster), sign_in(who.author)
        with console() as (port, _), chromium(port, session) as context:
            pages = [_open(context, change), _open(context, change, polls=True)]
            late = [_late(pages, change, cluster, number) for number in range(1, ROUNDS + 1)]
    live, polled = (sorted(one) for one in zip(*late[1:], strict=True))
    middle, control = statistics.median(live), statistics.median(polled)
    notes = (
        f"p50 {middle * 1000:.0f} ms, longest of {len(live)} {live[-1] * 1000:.0f} ms;"
        f" polled p50 {control * 1000:.0f} ms"
    )
    yield Row("status-to-pixel", middle / BUDGET, 1.0, f"to {BUDGET * 1000:.0f} ms; {notes}")
    yield Row("status-to-pixel-polled", middle / control, 0.1, f"to a poll each {POLL:.0f} s")


def _open(context: BrowserContext, change: ChangeRequest, *, polls: bool = False) -> Page:
    page = context.new_page()
    if polls:
        page.route("**/live/**", lambda route: route.abort())
    page.goto(f"/change-requests/{change.pk}/")
    if not polls:
        page.wait_for_selector('#live[data-state="live"]')
    page.evaluate(WATCH)
    if polls:
        page.evaluate(ASK % (POLL * 1000))
    return page


def _late(
    pages: list[Page], change: ChangeRequest, cluster: Cluster, number: int
) -> tuple[float, ...]:
    """Seconds from a commit at any time between two polls until each page shows it."""
    time.sleep(random.uniform(0, POLL))
    word = f"east-{number}"
    committed = aside(lambda: rename(change, cluster, word))
    return tuple(_seen(page, word) - committed for page in pages)


def _seen(page: Page, word: str) -> float:
    """When the page had shown it, by its own note: how often it is asked here plays no part."""
    deadline = time.time() + PATIENCE
    while time.time() < deadline:
        at = page.evaluate(f"window.seen['{word}']")
        if at:
            return float(at)
        page.wait_for_timeout(50)
    raise TimeoutError(f"{page.url} never showed {word}")
