"""What is sent with tricks in it is refused at the door of the pages, and never meets a column."""

import pytest
from django.test import Client

from inference.accounts.models import User
from tests.api.callers import signed_in
from tests.api.house import House, furnish


@pytest.fixture
def house(author: User) -> House:
    membership = author.memberships.first()
    assert membership
    return furnish(membership.team, author)


@pytest.fixture
def browser(house: House, author: User) -> Client:
    User.objects.filter(pk=author.pk).update(is_staff=True, is_superuser=True)
    author.refresh_from_db()
    return signed_in(author)


@pytest.mark.parametrize(
    "address",
    [
        "/?team=%00",
        "/change-requests/?team=%00&view=mine",
        "/change-requests/?%00=1",
        "/served-models/?cluster=a%00",
        "/admin/inference/changerequest/?q=%00",
        "/admin/inference/auditstream/%00/change/",
    ],
)
def test_a_nul_in_an_address_is_refused(address: str, browser: Client) -> None:
    response = browser.get(address)

    assert response.status_code == 400
    assert response["X-Request-Id"] in response.content.decode()


def test_a_nul_in_a_form_is_refused(house: House, browser: Client) -> None:
    for name in ("reason", "title", "name", "plan", "comment"):
        sent = {"team": "chat", "name": "x", "reason": "r", name: "a\0b"}
        assert browser.post("/routes/new/", sent).status_code == 400
        decide = f"/change-requests/{house.change.pk}/reject/"
        assert browser.post(decide, {"plan": "x", "comment": "y", name: "\0"}).status_code == 400


def test_a_charset_of_the_senders_choice_makes_no_halves_of_characters(browser: Client) -> None:
    head, kind = b'--b\r\nContent-Disposition: form-data; name="', "multipart/form-data; boundary=b"
    parts = {b"team": b"chat", b"name": b"x", b"reason": b"+2AA-"}
    body = b"".join(head + key + b'"\r\n\r\n' + text + b"\r\n" for key, text in parts.items())

    response = browser.generic(
        "POST", "/routes/new/", body + b"--b--\r\n", f"{kind}; charset=utf-7"
    )

    assert response.status_code == 422
    assert "+2AA-" in response.content.decode()


@pytest.mark.parametrize("number", ["--5", "9" * 5000, "²", "-", "1e9", "٣"])
def test_what_is_no_number_is_said_at_its_field(number: str, house: House, browser: Client) -> None:
    page = f"/served-models/{house.team.name}/{house.model.name}/edit/"
    sent = {"generation": "1", "reason": "r", "placements.0.pool": house.pool.name}

    response = browser.post(page, {**sent, "placements.0.replicas": number})

    assert response.status_code == 422
    assert "This has to be a whole number." in response.content.decode()


@pytest.mark.parametrize("place", ["²", "9" * 600, "-1", "", "x"])
def test_a_row_of_no_place_is_none(place: str, house: House, browser: Client) -> None:
    page = f"/served-models/{house.team.name}/{house.model.name}/edit/"
    sent = {"generation": "1", "reason": "r", f"placements.{place}.pool": "h100-0"}

    assert browser.post(page, sent).status_code == 422
