"""Every address, by every method, for everybody: a new one without a row fails here."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from inference.accounts.models import Token, User
from tests.api.addresses import ACTORS, ROWS, body_of, names_in_address, offered, patterns
from tests.api.callers import client
from tests.api.house import House, token_for


@pytest.fixture
def tokens(
    viewer: User,
    outsider: User,
    author: User,
    approver: User,
    admin: User,
    platform: User,
    robot: User,
) -> dict[str, str]:
    people = {
        "viewer": viewer,
        "outsider": outsider,
        "author": author,
        "approver": approver,
        "admin": admin,
        "platform": platform,
        "robot": robot,
    }
    made = {name: token_for(user) for name, user in people.items()}
    for name in ("expired", "revoked"):
        made[name] = token_for(author)
    past = timezone.now() - timedelta(hours=1)
    known = Token.objects.filter(owner=author)
    expired = known.filter(prefix=made["expired"][4:12])
    expired.update(created_at=past - timedelta(hours=1), expires_at=past)
    known.filter(prefix=made["revoked"][4:12]).update(revoked_at=past)
    return {"anonymous": "", **made}


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert offered() == set(ROWS)


def test_everybody_gets_the_answer_of_the_table(house: House, tokens: dict[str, str]) -> None:
    answered = {}
    for (method, route), (_, given) in ROWS.items():
        address = reverse(f"api:{route}", kwargs=names_in_address(route, house))
        body = body_of(given, house)
        found = [status(method, address, body, tokens[actor]) for actor in ACTORS]
        answered[method, route] = " ".join(map(str, found))

    expected = {one: statuses for one, (statuses, _) in ROWS.items()}
    assert {one: got for one, got in answered.items() if got != expected[one]} == {}


def status(method: str, address: str, body: Any, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"If-Match": '"1"'}
    with transaction.atomic():
        response = client().generic(
            method,
            address,
            b"" if body is None else orjson.dumps(body),
            content_type="application/json",
            headers=headers,
        )
        transaction.set_rollback(True)
    return response.status_code


def test_other_methods_are_not_offered(house: House, rest: Any, admin: User) -> None:
    caller = rest(admin)

    answered = {
        (method, route): caller.send(
            method, reverse(f"api:{route}", kwargs=names_in_address(route, house))[8:]
        ).status_code
        for route in sorted({route for _, route in ROWS})
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
        if (method, route) not in ROWS
    }

    assert {one: status for one, status in answered.items() if status != 405} == {}


def test_every_write_may_be_sent_again_under_a_key() -> None:
    writes = [
        getattr(pattern.callback.cls, name).operation
        for pattern in patterns()
        for method, name in getattr(pattern.callback, "actions", {}).items()
        if method not in {"get", "head"}
    ]

    assert writes
    assert all(operation.body is not None for operation in writes)
