"""Idempotency-Key: sent again, because an answer was lost, a request is not done again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from inference.accounts.models import Team, Token, User
from inference.api.models import IdempotentRequest
from inference.audit.models import AuditEvent
from tests.api.callers import Caller, code_of

Rest = Callable[..., Caller]
NEW = {"name": "new", "title": "New"}


def test_the_same_request_under_the_same_key_is_done_once(platform: User, rest: Rest) -> None:
    caller = rest(platform)

    first = caller.post("teams/", NEW, Idempotency_Key="one")
    again = caller.post("teams/", NEW, Idempotency_Key="one")

    assert (again.status_code, again.content) == (201, first.content)
    assert (again["ETag"], again["Idempotency-Replayed"]) == (first["ETag"], "true")
    assert Team.objects.filter(name="new").count() == 1
    assert AuditEvent.objects.filter(verb="created", subject_name="new").count() == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("teams/", {"name": "new", "title": "Other"}), ("people/", NEW), ("teams/?x=1", NEW)],
)
def test_another_request_under_the_same_key_is_refused(
    path: str, body: dict[str, str], platform: User, rest: Rest
) -> None:
    caller = rest(platform)
    caller.post("teams/", NEW, Idempotency_Key="one")

    if path == "people/":
        body = {"username": "new"}
    response = caller.post(path, body, Idempotency_Key="one")

    assert code_of(response) == (422, "idempotency-key-reused")


def test_the_order_of_members_does_not_make_another_request(platform: User, rest: Rest) -> None:
    caller = rest(platform)
    caller.post("teams/", b'{"name": "new", "title": "New"}', Idempotency_Key="one")

    again = caller.post("teams/", b'{"title":"New","name":"new"}', Idempotency_Key="one")

    assert again.status_code == 201


def test_keys_of_two_tokens_are_two_keys(platform: User, rest: Rest) -> None:
    rest(platform).post("teams/", NEW, Idempotency_Key="one")

    response = rest(platform).post("teams/", NEW, Idempotency_Key="one")

    assert code_of(response) == (409, "team-name-taken")


def test_a_request_in_flight_is_not_begun_again(platform: User, rest: Rest) -> None:
    caller = rest(platform)
    caller.post("teams/", NEW, Idempotency_Key="one")
    IdempotentRequest.objects.update(status=None, answer=None)

    response = caller.post("teams/", NEW, Idempotency_Key="one")

    assert code_of(response) == (409, "idempotency-key-in-flight")


def test_a_request_whose_worker_died_is_begun_again(platform: User, rest: Rest) -> None:
    caller = rest(platform)
    caller.post("teams/", NEW, Idempotency_Key="one")
    Team.objects.filter(name="new").update(name="undone")
    long_ago = timezone.now() - timedelta(minutes=2)
    IdempotentRequest.objects.update(status=None, answer=None, begun_at=long_ago)

    response = caller.post("teams/", NEW, Idempotency_Key="one")

    assert response.status_code == 201


def test_a_refusal_is_not_kept(platform: User, rest: Rest) -> None:
    caller = rest(platform)
    refused = caller.post("teams/", {"name": "No"}, Idempotency_Key="one")

    response = caller.post("teams/", NEW, Idempotency_Key="one")

    assert (refused.status_code, response.status_code) == (422, 201)


def test_a_key_is_forgotten_after_a_day(platform: User, rest: Rest) -> None:
    caller = rest(platform)
    caller.post("teams/", NEW, Idempotency_Key="one")
    IdempotentRequest.objects.update(begun_at=timezone.now() - timedelta(hours=25))

    response = caller.post("teams/", {"name": "other"}, Idempotency_Key="one")

    assert response.status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 101, '"one"'])
def test_what_is_no_key_is_malformed(key: str, platform: User, rest: Rest) -> None:
    response = rest(platform).post("teams/", NEW, Idempotency_Key=key)

    assert code_of(response) == (400, "idempotency-key-malformed")


def test_a_secret_is_shown_once_and_not_kept(author: User, rest: Rest) -> None:
    caller = rest(author)
    body = {
        "name": "robot",
        "expires_at": (timezone.now() + timedelta(days=1)).isoformat(),
    }

    first = caller.post("tokens/", body, Idempotency_Key="one").json()
    again = caller.post("tokens/", body, Idempotency_Key="one").json()

    assert first["secret"].startswith("wbl_")
    assert again == {**first, "secret": None}
    assert first["secret"] not in str(IdempotentRequest.objects.values_list("answer"))
    assert Token.objects.filter(name="robot").count() == 1


def test_the_deed_and_its_answer_commit_together(platform: User, rest: Rest) -> None:
    caller = rest(platform)

    with connection.execute_wrapper(without_keeping):
        response = caller.post("teams/", NEW, Idempotency_Key="one")

    assert code_of(response) == (500, "unexpected")
    assert not Team.objects.filter(name="new").exists()
    assert not IdempotentRequest.objects.exists()


def without_keeping(execute: Any, sql: str, *rest: Any) -> Any:
    """A database that breaks when the answer is to be kept."""
    if sql.startswith('UPDATE "inference_idempotentrequest"'):
        raise RuntimeError("broken")
    return execute(sql, *rest)
