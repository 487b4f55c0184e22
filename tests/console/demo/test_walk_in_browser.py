"""From the form of a model to its first token: two people, two browsers, and nobody reloads."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import demo
from tests.browser.person import PATIENCE, Person
from tests.browser.shooting import PHONE
from tests.demo import Demo

pytestmark = pytest.mark.browser
MODEL = "/served-models/chat/qwen3-32b/"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo.running(tmp_path_factory.mktemp("walk")) as made:
        yield made


@pytest.fixture
def author(chromium: Browser, world: Demo) -> Iterator[Person]:
    person = Person(chromium, world, "author", 1440)
    yield person
    person.context.close()


@pytest.fixture
def approver(chromium: Browser, world: Demo) -> Iterator[Person]:
    person = Person(chromium, world, "approver", PHONE)
    yield person
    person.context.close()


def asked_for(author: Page) -> str:
    """The author raises replicas from 2 to 3 on the model's form; the address of the change."""
    author.goto(MODEL)
    author.get_by_role("link", name="Draft change").click()
    replicas = author.get_by_label("Replicas").first
    expect(replicas).to_have_value("2")
    replicas.fill("3")
    author.get_by_label("Reason").fill("Requests wait in the mornings.")
    author.get_by_role("button", name="Draft and submit").click()
    expect(author.locator("h1")).to_contain_text("qwen3-32b")
    return author.url


def test_replicas_are_raised_from_the_form_to_the_first_token(
    author: Person, approver: Person
) -> None:
    address = asked_for(author.page)
    open_page = author.page
    answer, stops = open_page.locator("#answer"), open_page.locator("#stops")

    expect(answer).to_contain_text("Waits for one approval.", timeout=PATIENCE)
    expect(answer).to_contain_text("Ask Approver.")
    expect(open_page.locator(".face-1")).to_contain_text("2→3+2 accelerators")
    expect(open_page.get_by_role("region", name="Who decides")).to_contain_text("Approver")
    expect(open_page.get_by_role("button", name="Approve").first).to_be_disabled()

    approver.page.goto(address)
    author.left.clear()
    approver.left.clear()
    bar = approver.page.get_by_role("group", name="Decision")
    bar.get_by_role("button", name="Approve").click()
    expect(approver.page.locator("#answer")).not_to_contain_text("Waits for one approval")

    arrival = open_page.locator("#arrival")
    expect(answer).to_contain_text(
        "Done: what was approved was pushed, and was seen to arrive.", timeout=PATIENCE
    )
    expect(open_page.locator("#deliveries")).to_contain_text("1 of 1")
    expect(arrival).to_contain_text("3 of 3 replicas", timeout=PATIENCE)
    expect(arrival).to_contain_text("First token", timeout=PATIENCE)
    expect(stops.locator("li").last).to_contain_text(" ms", timeout=PATIENCE)
    expect(stops.locator("[aria-current]")).to_have_count(0)
    assert (author.left, approver.left) == ([], [])
    assert author.reports() + approver.reports() == []

    open_page.goto("/audit-events/")
    told = open_page.locator("main").inner_text()
    for deed in ("drafted", "submitted", "planned", "approved", "started", "succeeded"):
        assert deed in told
