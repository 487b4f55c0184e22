"""P14, page-weight: every page at first sight, in Chromium, with nothing cached.

Ratios to 90 KiB on the wire and to 8 requests; scripts alone to 35 KiB.
"""

from collections.abc import Iterator

from inference.accounts.models import User
from tests import databases
from tests.api.callers import sign_in
from tests.api.house import furnish
from tests.benchmarks import installation
from tests.benchmarks.browsing import chromium
from tests.benchmarks.report import Row
from tests.browser.weighing import MOST_BYTES, MOST_REQUESTS, MOST_SCRIPT, Weight, weigh
from tests.live.house import console
from tests.web.test_pages import addresses


def measure() -> Iterator[Row]:
    with installation.folder() as where, databases.shared_file(where):
        who = installation.people()
        house = furnish(who.author.memberships.get(environment="prod").team, who.author)
        User.objects.filter(pk=who.author.pk).update(is_platform=True)
        session, pages = sign_in(who.author), dict(addresses(house))
        with console() as (port, _), chromium(port, session) as context:
            context.route("**/nothing", lambda route: route.abort())  # which turns the cache off
            page = context.new_page()
            for name, address in pages.items():
                answer = page.request.get(address)
                is_page = answer.ok and "html" in answer.headers["content-type"]
                if is_page and answer.url.endswith(address):
                    yield from _rows(name, weigh(page, address))


def _rows(name: str, found: Weight) -> Iterator[Row]:
    kib = f"{found.total / 1024:.1f} KiB, of which script {found.script / 1024:.1f}"
    yield Row(f"weight-{name}", found.total / MOST_BYTES, 1.0, kib)
    yield Row(f"script-{name}", found.script / MOST_SCRIPT, 1.0)
    yield Row(f"requests-{name}", found.requests / MOST_REQUESTS, 1.0, str(found.requests))
