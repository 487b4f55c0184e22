"""Signing in and out, and the theme: what lets in, what keeps out, and what slows down."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone

from inference.accounts.brakes import FREE
from inference.accounts.models import SignInBrake, User
from tests.databases import on_file
from tests.web.markup import words

Browse = Callable[[User | None], Client]


@pytest.fixture
def person(viewer: User) -> User:
    viewer.set_password("correct horse")
    viewer.save()
    return viewer


def enter(browser: Client, password: str, **more: str) -> int:
    sent = {"username": "viewer", "password": password, **more}
    return browser.post("/sign-in/", sent).status_code


def fail_often() -> None:
    """So that the next failure costs minutes: the first one that costs anything costs a second,
    which a slow machine takes for one attempt."""
    SignInBrake.objects.update(failures=F("failures") + 8)


def test_a_person_is_let_in_and_led_where_they_wanted_to_go(person: User, browse: Browse) -> None:
    sent = {
        "username": "viewer",
        "password": "correct horse",
        "next": "/change-requests/?view=mine",
    }

    response = browse(None).post("/sign-in/", sent)

    assert (response.status_code, response["Location"]) == (302, "/change-requests/?view=mine")


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_away_from_this_host(there: str, person: User, browse: Browse) -> None:
    sent = {"username": "viewer", "password": "correct horse", "next": there}

    assert browse(None).post("/sign-in/", sent)["Location"] == "/"


def test_a_wrong_password_keeps_out_and_keeps_the_name(person: User, browse: Browse) -> None:
    response = browse(None).post("/sign-in/", {"username": "viewer", "password": "guess"})

    assert response.status_code == 401
    assert "No account has this username and this password." in words(response.content.decode())
    assert 'value="viewer"' in response.content.decode()
    assert re.findall(r'id="(\w+)"[^>]* autofocus', response.content.decode()) == ["password"]


def test_who_is_deactivated_is_kept_out(person: User, browse: Browse) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)

    assert enter(browse(None), "correct horse") == 401


def test_failures_are_braked_also_for_the_right_password(person: User, browse: Browse) -> None:
    browser = browse(None)
    statuses = [enter(browser, "guess") for _ in range(FREE[SignInBrake.Subject.ACCOUNT])]
    fail_often()
    statuses.append(enter(browser, "guess"))

    assert set(statuses) == {401}
    assert enter(browser, "correct horse") == 429


def test_an_account_that_does_not_exist_is_braked_alike(db: None, browse: Browse) -> None:
    browser = browse(None)
    statuses = [enter(browser, "guess") for _ in range(FREE[SignInBrake.Subject.ACCOUNT])]
    fail_often()
    statuses += [enter(browser, "guess") for _ in range(2)]

    assert set(statuses[:-1]) == {401}
    assert statuses[-1] == 429


def test_a_success_forgets_the_failures(person: User, browse: Browse) -> None:
    browser = browse(None)
    enter(browser, "guess")

    enter(browser, "correct horse")

    assert not SignInBrake.objects.filter(pk="account:viewer").exists()


def test_whoever_comes_clears_away_sessions_that_have_ended(person: User, browse: Browse) -> None:
    browse(person), browse(person)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    enter(browse(None), "correct horse")

    assert Session.objects.count() == 1


def test_signing_out_takes_a_post(person: User, browse: Browse) -> None:
    browser = browse(person)

    assert browser.get("/sign-out/").status_code == 405
    assert browser.post("/sign-out/")["Location"] == "/sign-in/"
    assert browser.get("/change-requests/").status_code == 302


def test_what_is_sent_when_the_session_has_ended_is_kept(browse: Browse) -> None:
    sent = {"name": "east", "note": 'two\nlines, "quoted"', "token": "wb_secret", "tag": ["a", "b"]}

    response = browse(None).post("/connect/?environment=production", sent)

    page = response.content.decode()
    assert response.status_code == 401
    assert 'action="/connect/?environment=production"' in page
    assert '<input type="hidden" name="name" value="east">' in page
    assert 'value="two\nlines, &quot;quoted&quot;"' in page
    assert page.count('name="tag"') == 2
    assert "wb_secret" not in page
    assert "Secrets are not kept" in page


@pytest.mark.parametrize("name", ["kubeconfig", "token", "client_key_pem", "bearer", "password"])
def test_no_secret_is_kept_for_whoever_sits_there_next(name: str, browse: Browse) -> None:
    response = browse(None).post("/connect/", {"name": "east", name: "wb-secret-1"})

    page = response.content.decode()
    assert 'value="east"' in page
    assert "wb-secret-1" not in page
    assert "Secrets are not kept" in page


def test_a_page_whose_session_has_ended_stays_as_it_is(browse: Browse) -> None:
    for method in ("get", "post"):
        ask = getattr(browse(None), method)
        response = ask("/connect/", headers={"HX-Request": "true"})

        assert (response.status_code, response["HX-Trigger"]) == (204, "signed-out")


def test_the_admin_site_has_no_door_of_its_own(person: User, browse: Browse) -> None:
    browser = browse(None)

    response = browser.get("/admin/login/?next=/admin/inference/team/")

    assert response["Location"] == "/sign-in/?next=/admin/inference/team/"
    assert browser.post("/admin/login/", {"username": "viewer", "password": "x"}).status_code == 405
    assert not SignInBrake.objects.exists()


def test_the_admin_site_sends_nobody_round_in_circles(person: User, browse: Browse) -> None:
    browser = browse(person)

    assert browser.get("/admin/", follow=True).status_code == 403
    User.objects.filter(pk=person.pk).update(is_staff=True)
    assert browser.get("/admin/login/")["Location"] == "/admin/"
    assert browser.get("/admin/login/?next=//evil.example")["Location"] == "/admin/"


def test_the_theme_is_kept_in_a_cookie_and_stands_on_the_page(person: User, browse: Browse) -> None:
    browser = browse(person)

    browser.post("/theme/", {"theme": "dark", "next": "/change-requests/"})
    browser.post("/theme/", {"theme": "pink"})

    assert 'data-theme="dark"' in browser.get("/change-requests/").content.decode()


def test_a_form_without_its_token_is_refused(person: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)

    response = browser.post("/sign-out/")

    assert response.status_code == 403
    assert "This form has expired." in words(response.content.decode())


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_braked_as_those_in_a_row_are(tmp_path: Path) -> None:
    together = threading.Barrier(12)

    def guess(_number: int) -> int:
        try:
            together.wait(30)
            return enter(Client(), "guess")
        finally:
            connection.close()

    with on_file(tmp_path), ThreadPoolExecutor(12) as threads:
        statuses = list(threads.map(guess, range(12)))
        counted = SignInBrake.objects.get(pk__startswith=SignInBrake.Subject.ACCOUNT).failures

    # On a busy machine the first waits, of seconds, are over before the last guess has begun.
    assert FREE[SignInBrake.Subject.ACCOUNT] + 1 <= statuses.count(401) < 12
    assert statuses.count(401) == counted
    assert statuses.count(429) == 12 - counted
