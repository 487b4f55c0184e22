"""Who asks: tokens, sessions, and everything that only looks like them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from inference.accounts import brakes
from inference.accounts.models import SignInBrake, Token, User
from inference.errors import Refusal
from tests.api.callers import Caller, client, code_of
from tests.api.house import House, token_for

Rest = Callable[..., Caller]


def ask(header: str | None, address: str = "10.9.8.7") -> Any:
    headers = {} if header is None else {"Authorization": header}
    return client().get("/api/v1/me/", headers=headers, REMOTE_ADDR=address)


def test_nobody_is_told_how_to_sign_in(db: None) -> None:
    response = ask(None)

    assert code_of(response) == (401, "not-signed-in")
    assert response["WWW-Authenticate"] == 'Bearer realm="waybill"'


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Token", "BEARER "])
def test_a_token_is_its_owner(scheme: str, author: User) -> None:
    response = ask(f"{scheme} {token_for(author)}")

    assert response.json()["username"] == "author"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer nothing",
        "Bearer null",
        "Bearer undefined",
        "Bearer {}",
        "Bearer {} {}",
        "Bearer {}x",
        "Bearer {}\t",
        "Bearer wbl__",
        "Token wbl_aaaaaaaa_" + "a" * 43,
        "Bearer " + "x" * 7000,
        "Bearer {},Bearer {}",
    ],
)
def test_what_only_looks_like_a_token_is_refused(header: str, author: User) -> None:
    token = token_for(author)[:-1]

    response = ask(header.replace("{}", token))

    assert code_of(response) == (401, "token-unknown")
    assert response["WWW-Authenticate"].endswith('error="invalid_token"')


@pytest.mark.parametrize("header", ["Basic YTpi", "Digest x", "wbl_x", "", "Bearer\u00e9"])
def test_another_scheme_is_nobody(header: str, author: User) -> None:
    assert code_of(ask(header)) == (401, "not-signed-in")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rest=some.text(some.characters(min_codepoint=32, max_codepoint=255), max_size=80))
def test_no_header_is_a_fault_of_ours(rest: str, db: None) -> None:
    SignInBrake.objects.all().delete()

    assert ask(f"Bearer {rest}").status_code == 401


def test_a_bad_token_does_not_fall_back_to_the_session(author: User) -> None:
    browser = signed_in(author)

    response = browser.get("/api/v1/me/", headers={"Authorization": "Bearer nothing"})

    assert response.status_code == 401


def test_a_token_ends_with_the_next_request_after_it_is_revoked(author: User, rest: Rest) -> None:
    caller = rest(author)
    row = Token.objects.get(owner=author)
    caller.post(f"tokens/{row.pk}/revoke/")

    assert code_of(caller.get("me/")) == (401, "token-unknown")


def test_a_token_ends_with_its_owners_account(author: User, rest: Rest) -> None:
    caller = rest(author)
    User.objects.filter(pk=author.pk).update(is_active=False)

    assert code_of(caller.get("me/")) == (401, "token-unknown")


def test_a_session_ends_with_its_account(author: User) -> None:
    browser = signed_in(author)
    User.objects.filter(pk=author.pk).update(is_active=False)

    assert browser.get("/api/v1/me/").status_code == 401


def test_the_use_of_a_token_is_noted_once_a_minute(author: User, rest: Rest) -> None:
    caller = rest(author)
    caller.get("me/")
    row = Token.objects.get(owner=author)

    caller.get("me/")

    assert row.last_used_at is not None
    assert Token.objects.get(owner=author).last_used_at == row.last_used_at


def signed_in(user: User) -> Client:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    return browser


def csrf(browser: Client) -> str:
    """The token that a page hands out."""
    page = browser.get("/admin/login/?next=/admin/").content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if found is None:
        page = browser.get("/admin/password_change/").content.decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.fixture
def browser(platform: User) -> Client:
    User.objects.filter(pk=platform.pk).update(is_staff=True)
    platform.refresh_from_db()
    return signed_in(platform)


def create(browser: Client, kind: str = "application/json", **headers: str) -> Any:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return browser.post("/api/v1/teams/", b'{"name": "new"}', content_type=kind, headers=given)


def test_a_page_of_ours_writes_with_its_session(browser: Client) -> None:
    response = create(browser, X_CSRFToken=csrf(browser), Sec_Fetch_Site="same-origin")

    assert response.status_code == 201


def test_a_session_without_the_csrf_token_writes_nothing(browser: Client) -> None:
    assert code_of(create(browser)) == (403, "csrf-failed")


def test_a_wrong_csrf_token_writes_nothing(browser: Client) -> None:
    assert code_of(create(browser, X_CSRFToken="x" * 64)) == (403, "csrf-failed")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_a_page_of_another_site_writes_nothing(site: str, browser: Client) -> None:
    response = create(browser, X_CSRFToken=csrf(browser), Sec_Fetch_Site=site)

    assert code_of(response) == (403, "cross-site")


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://testserver:81"])
def test_a_foreign_origin_writes_nothing(origin: str, browser: Client) -> None:
    response = create(browser, X_CSRFToken=csrf(browser), Origin=origin)

    assert code_of(response) == (403, "csrf-failed")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_form_that_looks_like_json_writes_nothing(kind: str, browser: Client) -> None:
    assert code_of(create(browser, kind, X_CSRFToken=csrf(browser)))[0] == 415


def test_a_token_needs_no_csrf_token(platform: User) -> None:
    stranger = Client(enforce_csrf_checks=True)

    response = create(stranger, Authorization=f"Bearer {token_for(platform)}")

    assert response.status_code == 201


def test_guessing_tokens_is_slowed_for_the_network_and_for_nobody_else(author: User) -> None:
    for _ in range(brakes.FREE[SignInBrake.Subject.NETWORK] + 1):
        assert ask("Bearer guess").status_code == 401

    assert code_of(ask("Bearer guess", "10.9.8.200")) == (429, "too-many-failures")
    assert ask("Bearer guess", "10.9.9.1").status_code == 401
    assert ask(f"Bearer {token_for(author)}").status_code == 200


def test_the_answer_says_when_to_ask_again(author: User) -> None:
    for _ in range(brakes.FREE[SignInBrake.Subject.NETWORK] + 1):
        ask("Bearer guess")

    response = ask("Bearer guess")

    assert int(response["Retry-After"]) >= 1


def test_an_account_is_slowed_whether_it_exists_or_not(author: User) -> None:
    for account in ("author", "nobody"):
        for _ in range(6):
            brakes.count(account, "10.1.1.1")
        with pytest.raises(Refusal, match="Too many attempts"):
            brakes.count(account, "10.2.2.2")


def test_the_wait_doubles_and_ends(author: User) -> None:
    waits = []
    for _ in range(30):
        brakes.count("author", "")
        row = SignInBrake.objects.get(pk="account:author")
        if row.blocked_until:
            waits.append(round((row.blocked_until - timezone.now()).total_seconds()))
            SignInBrake.objects.update(blocked_until=timezone.now() - timedelta(seconds=1))

    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) == 900


def test_signing_in_forgets_the_failures_of_the_account(author: User) -> None:
    for _ in range(6):
        brakes.count("Author", "")

    brakes.forgive("author", "")

    brakes.count("author", "")


def test_signing_in_leaves_the_network_as_it_was(author: User) -> None:
    for _ in range(brakes.FREE[SignInBrake.Subject.NETWORK]):
        brakes.count(None, "10.1.1.1")
    brakes.count("author", "10.1.1.1")

    brakes.forgive("author", "10.1.1.1")

    brakes.count(None, "10.1.1.1")
    assert SignInBrake.objects.get().failures == brakes.FREE[SignInBrake.Subject.NETWORK] + 1


def test_old_failures_are_forgotten(author: User) -> None:
    brakes.count("author", "10.1.1.1")
    SignInBrake.objects.update(failed_at=timezone.now() - timedelta(hours=25))

    brakes.count("other", "")

    assert list(SignInBrake.objects.values_list("pk", flat=True)) == ["account:other"]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "network:10.1.2.0/24"),
        ("::ffff:10.1.2.3", "network:10.1.2.0/24"),
        ("2001:db8:1:2ff::1", "network:2001:db8:1:200::/56"),
    ],
)
def test_a_network_is_what_one_attacker_has(address: str, network: str, db: None) -> None:
    brakes.count(None, address)

    assert SignInBrake.objects.get().pk == network


def test_an_address_that_is_none_counts_for_nobody(db: None) -> None:
    brakes.count(None, "")

    assert not SignInBrake.objects.exists()


def test_what_may_not_be_seen_answers_like_what_is_not_there(
    house: House, outsider: User, rest: Rest
) -> None:
    caller = rest(outsider)

    hidden = caller.get(f"change-requests/{house.change.pk}/").json()
    absent = caller.get("change-requests/999999/").json()

    assert {**hidden, "request_id": ""} == {**absent, "request_id": ""}
