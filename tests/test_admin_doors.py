"""Django's admin site for everybody: each page by each method, as a table says."""

from typing import Any

import pytest
from django.contrib import admin as site
from django.db import transaction
from django.test import Client
from django.urls import reverse

from inference.accounts.models import Team, User
from inference.changes.models import Decision
from tests.api.callers import client, signed_in
from tests.api.house import House, furnish
from tests.factories.accounts import UserFactory

NOBODY = ("anonymous", "viewer", "outsider", "author", "approver", "admin", "platform")
"""Without the mark of staff, whatever their role."""
STAFF = ("viewer", "outsider", "author", "approver", "admin", "platform", "root")

# To sign in first: 302. Who is staff may see rows of their teams; nobody writes.
NEVER = "403 403 403 403 403 403 403"
ROWS: dict[tuple[str, str], str] = {
    ("GET", "index"): "200 200 200 200 200 200 200",
    ("GET", "app_list"): "200 200 200 200 200 200 200",
    ("GET", "inference_servedmodel_changelist"): "200 200 200 200 200 200 200",
    ("POST", "inference_servedmodel_changelist"): "200 200 200 200 200 200 200",
    ("GET", "inference_servedmodel_change"): "200 302 200 200 200 302 200",
    ("GET", "inference_servedmodel_history"): "200 302 200 200 200 302 200",
    ("POST", "inference_servedmodel_change"): NEVER,
    ("GET", "inference_servedmodel_add"): NEVER,
    ("POST", "inference_servedmodel_add"): NEVER,
    ("GET", "inference_servedmodel_delete"): NEVER,
    ("POST", "inference_servedmodel_delete"): NEVER,
    ("GET", "inference_user_changelist"): "403 403 403 403 403 403 200",
    ("GET", "inference_user_change"): "403 403 403 403 403 403 200",
    ("POST", "inference_user_change"): NEVER,
    ("POST", "inference_user_delete"): NEVER,
    ("GET", "inference_decide"): "200 404 200 200 200 404 200",
    ("POST", "inference_decide"): "200 404 200 302 302 404 302",
}


@pytest.fixture
def house(chat: Team, author: User) -> House:
    return furnish(chat, author)


@pytest.fixture
def people(
    viewer: User, outsider: User, author: User, approver: User, admin: User, platform: User
) -> dict[str, User]:
    root = UserFactory.create(username="root", is_superuser=True)
    known = (viewer, outsider, author, approver, admin, platform, root)
    return {user.username: user for user in known}


def browser_of(user: User | None, *, staff: bool) -> Client:
    if user is None:
        return client()
    User.objects.filter(pk=user.pk).update(is_staff=staff)
    return signed_in(User.objects.get(pk=user.pk))


def address_of(page: str, house: House, people: dict[str, User]) -> str:
    if page == "inference_decide":
        names = {"number": house.change.pk, "verdict": "approve"}
        return reverse("admin:inference_decide", kwargs=names)
    if page == "app_list":
        return reverse("admin:app_list", args=["inference"])
    if page == "index" or page.endswith(("_changelist", "_add")):
        return reverse(f"admin:{page}")
    row = people["viewer"] if "_user_" in page else house.model
    return reverse(f"admin:{page}", args=[row.pk])


def answer(browser: Client, method: str, address: str, house: House) -> tuple[int, int]:
    """The status, and how many decisions it has led to."""
    assert house.change.plan is not None
    sent: dict[str, Any] = {"plan_hash": house.change.plan.hash, "comment": "seen", "post": "yes"}
    with transaction.atomic():
        response = browser.get(address) if method == "GET" else browser.post(address, sent)
        decided = Decision.objects.count()
        transaction.set_rollback(True)
    return response.status_code, decided


def test_who_is_no_staff_is_asked_to_sign_in_as_somebody_who_is(
    house: House, people: dict[str, User]
) -> None:
    browsers = {name: browser_of(people.get(name), staff=False) for name in NOBODY}
    for method, page in ROWS:
        address = address_of(page, house, people)
        for name, browser in browsers.items():
            assert answer(browser, method, address, house) == (302, 0), (name, method, page)


def test_staff_gets_the_answer_of_the_table(house: House, people: dict[str, User]) -> None:
    browsers = [browser_of(people[name], staff=True) for name in STAFF]
    answered = {}
    for method, page in ROWS:
        address = address_of(page, house, people)
        found = [answer(browser, method, address, house) for browser in browsers]
        answered[method, page] = " ".join(str(status) for status, _ in found)
        for status, decided in found:
            assert decided == (status == 302 and page == "inference_decide")

    assert {one: got for one, got in answered.items() if got != ROWS[one]} == {}


def test_every_page_of_a_table_is_one_of_these() -> None:
    """What Django or an extension adds some day has to be looked at first."""
    suffixes = {
        (pattern.name or "").rpartition("_")[2]
        for model_admin in site.site._registry.values()
        for pattern in model_admin.get_urls()
        if pattern.name
    }

    assert suffixes == {"changelist", "add", "change", "delete", "history", "decide"}
