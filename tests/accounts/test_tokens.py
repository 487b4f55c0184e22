"""Tokens are shown once, known by their hash, and end: by time, by hand, with their owner."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from inference.accounts.models import Token, User
from inference.accounts.tokens import find, issue, revoke
from inference.errors import Invalid, NotAllowed
from tests.conftest import NOON


def issued(owner: User, *scopes: str, days: float = 30) -> tuple[Token, str]:
    now = timezone.now()
    return issue(
        owner=owner,
        name="ci",
        scopes=set(scopes),
        expires_at=now + timedelta(days=days),
        by=owner,
        at=now,
    )


def test_a_token_is_found_by_its_text_alone(author: User) -> None:
    token, text = issued(author, "propose")

    assert find(text) == token
    assert text not in str(vars(token))
    assert token.may_propose
    assert not token.may_approve


@pytest.mark.parametrize("cut", [1, 12, 13, 40])
def test_a_part_of_a_token_is_no_token(author: User, cut: int) -> None:
    _, text = issued(author)

    assert find(text[:-cut]) is None
    assert find(text[:-1] + ("a" if text[-1] != "a" else "b")) is None


def test_a_revoked_token_is_unknown_at_once(author: User) -> None:
    token, text = issued(author)

    revoke(token=token, by=author, at=NOON)

    assert find(text) is None


def test_a_token_ends_by_itself(author: User) -> None:
    token, text = issued(author)
    Token.objects.filter(pk=token.pk).update(
        created_at=timezone.now() - timedelta(days=2),
        expires_at=timezone.now() - timedelta(seconds=1),
    )

    assert find(text) is None


def test_a_token_ends_with_its_owner(author: User) -> None:
    _, text = issued(author)
    User.objects.filter(pk=author.pk).update(is_active=False)

    assert find(text) is None


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_a_token_lives_at_most_ninety_days(author: User, days: int) -> None:
    with pytest.raises(Invalid, match="90 days"):
        issued(author, days=days)


@pytest.mark.parametrize("scope", ["approve", "administer"])
def test_a_robot_gets_no_token_that_decides_or_administers(robot: User, scope: str) -> None:
    with pytest.raises(NotAllowed, match="not for robots"):
        issued(robot, scope)


@given(st.text(max_size=200))
def test_no_text_makes_the_search_fail(text: str) -> None:
    if not text.startswith("wbl_"):
        assert find(text) is None


def test_tokens_from_before_have_the_person_who_began_their_row(
    approver: User, robot: User
) -> None:
    """A robot that makes itself another token is no issuer: it would hide who holds them both."""
    now = timezone.now()
    tokens: list[Token] = []
    for by, through in ((approver, None), (robot, 0), (robot, 1)):
        token, _ = issue(
            owner=robot,
            name="ci",
            scopes={"propose"},
            expires_at=now + timedelta(days=1),
            by=by,
            at=now,
            token=None if through is None else tokens[through],
        )
        tokens.append(token)
    Token.objects.update(issued_by=None)

    import_module("inference.migrations.0010_issuers").as_audited(apps, None)

    assert set(Token.objects.values_list("issued_by", flat=True)) == {approver.pk}
