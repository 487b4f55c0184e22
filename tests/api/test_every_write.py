"""What holds for every write alike: versions, keys, names. A new one is asked here by itself."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.db import transaction
from django.urls import reverse

from inference.accounts.models import User
from inference.audit.models import AuditEvent
from tests.api.addresses import ACTORS, ROWS, body_of, names_in_address, patterns
from tests.api.callers import client
from tests.api.house import POOL_DOCUMENT, House, token_for

Tokens = dict[str, str]
OTHER: dict[str, dict[str, str]] = {
    "team-list": {"name": "other"},
    "person-list": {"username": "other"},
    "token-list": {"name": "other"},
    "grant-list": {"namespace": "other"},
    "gateway-list": {"name": "other"},
    "egress-range-list": {"cidr": "192.168.0.0/17"},
    "change-request-list": {"reason": "another one"},
    "change-request-approve": {"comment": "other"},
    "change-request-request-changes": {"comment": "other"},
    "change-request-reject": {"comment": "other"},
}
"""Another valid body, for those that take one."""
BEYOND_RFC_1123 = [
    *("", " ", "A", "Chat", "-a", "a-", "a_b", "a.b.", "a" * 254, "a/b", "../me", "a%2fb", "a b"),
    *("a\n", "a\x00", "á", "\u202ea", "a\u200b", "*", "a;b", "${a}", "<b>"),
]


@pytest.fixture
def tokens(viewer: User, author: User, approver: User, platform: User) -> Tokens:
    del viewer  # whom some addresses name
    people = {"author": author, "approver": approver, "platform": platform}
    return {name: token_for(user) for name, user in people.items()}


def versioned() -> Iterator[tuple[str, str]]:
    for pattern in patterns():
        for method, name in getattr(pattern.callback, "actions", {}).items():
            if method != "head" and getattr(pattern.callback.cls, name).operation.versioned:
                yield method.upper(), pattern.name


def kept() -> Iterator[str]:
    """Names of POSTs that somebody in the table of everybody may do with success."""
    for (method, route), (statuses, _) in ROWS.items():
        if method == "POST" and any(status.startswith("2") for status in statuses.split()):
            yield route


def who(method: str, route: str, tokens: Tokens) -> str:
    """The token of one whom the table lets through."""
    statuses = dict(zip(ACTORS, ROWS[method, route][0].split(), strict=True))
    return next(
        token for name, token in tokens.items() if statuses[name] not in {"401", "403", "404"}
    )


def ask(method: str, address: str, body: Any, token: str, **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client().generic(
        method,
        address,
        b"" if body is None else orjson.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", **sent},
    )


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, (428, "if-match-missing")),
        ({"If_Match": "*"}, (428, "if-match-missing")),
        ({"If_Match": '"99"'}, (412, "version-moved-on")),
        ({"If_Match": "1"}, (400, "if-match-malformed")),
    ],
)
def test_no_versioned_write_is_done_without_the_version_that_it_has(
    headers: dict[str, str], refused: tuple[int, str], house: House, tokens: Tokens
) -> None:
    events, answered = AuditEvent.objects.count(), {}

    for method, route in list(versioned()):
        address = reverse(f"api:{route}", kwargs=names_in_address(route, house))
        body = body_of(ROWS[method, route][1], house)
        response = ask(method, address, body, who(method, route, tokens), **headers)
        answered[method, route] = (response.status_code, response.json()["code"])

    assert {one: got for one, got in answered.items() if got != refused} == {}
    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize("route", list(kept()))
def test_a_key_stands_for_one_request_and_one_deed(
    route: str, house: House, tokens: Tokens
) -> None:
    token = who("POST", route, tokens)
    address = reverse(f"api:{route}", kwargs=names_in_address(route, house))
    body = body_of(ROWS["POST", route][1], house)
    headers = {"Idempotency_Key": "sent-again", "If_Match": '"1"'}

    first = ask("POST", address, body, token, **headers)
    events = AuditEvent.objects.count()
    again = ask("POST", address, body, token, **headers)
    if body is None:
        other = ask("POST", f"{address}?again=1", body, token, **headers)
    else:
        other = ask("POST", address, {**body, **OTHER[route]}, token, **headers)

    assert str(first.status_code).startswith("2")
    assert (again.status_code, again["Idempotency-Replayed"]) == (first.status_code, "true")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert AuditEvent.objects.count() == events


def named(name: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Bodies that give something this name, by who may send them."""
    edit = {"verb": "create", "kind": "hardware-pool", "name": name, "document": POOL_DOCUMENT}
    cluster = {"server": "https://10.1.0.1:6443", "ca_pem": "x", "token": "x"}
    grant = {"cluster": "east-0", "team": "chat", "namespace": name}
    gateway = {"cluster": "east-0", "namespace": "gateways", "name": name}
    placed = {"cluster": "east-0", "namespace": name, "name": "more"}
    return {
        "team-list": ("platform", {"name": name}),
        "cluster-list": (
            "platform",
            {"name": name, "environment": "dev", "connection": cluster},
        ),
        "grant-list": ("platform", grant),
        "gateway-list": ("platform", gateway),
        "gateway-list ": ("platform", placed),
        "change-request-list": (
            "author",
            {"team": "chat", "reason": "more room", "edits": [edit]},
        ),
    }


@pytest.mark.parametrize("name", BEYOND_RFC_1123)
def test_a_name_that_no_cluster_would_take_is_taken_nowhere(
    name: str, house: House, tokens: Tokens
) -> None:
    answered, events = {}, AuditEvent.objects.count()

    for route, (user, body) in named(name).items():
        with transaction.atomic():
            response = ask("POST", reverse(f"api:{route.strip()}"), body, tokens[user])
        answered[route] = response.status_code

    assert set(answered.values()) <= {400, 422}, answered
    assert AuditEvent.objects.count() == events
