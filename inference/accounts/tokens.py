"""Tokens: made once, shown once, known by their hash."""

import hashlib
import re
import secrets
import string
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField
from django.db.models.functions import Now

from inference.accounts.models import Token, User
from inference.audit.recording import record
from inference.compiled import Select, Slot
from inference.errors import Invalid, NotAllowed
from inference.messages import access

ALPHABET = string.ascii_letters + string.digits
SHAPE = re.compile(r"wbl_([A-Za-z0-9]{8})_([A-Za-z0-9]{43})")
"""`wbl_<public id>_<43 characters>`: a fixed prefix that secret scanners can look for."""


@transaction.atomic
def issue(
    *,
    owner: User,
    name: str,
    scopes: set[str],
    expires_at: datetime,
    by: User,
    at: datetime,
    token: Token | None = None,
) -> tuple[Token, str]:
    """Make a token for `owner`; its text is returned here and never again.

    Raises Invalid for a life of more than `Token.LIFETIME_DAYS`, NotAllowed for a robot that
    would approve or administer.
    """
    if not at < expires_at <= at + timedelta(days=Token.LIFETIME_DAYS):
        raise Invalid(access.TOKEN_LIFETIME, days=Token.LIFETIME_DAYS)
    if owner.is_robot and scopes & {"approve", "administer"}:
        raise NotAllowed(access.ROBOTS_NEVER_DECIDE)
    prefix, secret = _random(8), _random(43)
    made = Token.objects.create(
        owner=owner,
        owner_kind=owner.kind,
        # What a robot issues to itself is known to whoever holds the token that it did so by.
        issued_by_id=token.issued_by_id if token is not None and by.is_robot else by.pk,
        name=name,
        prefix=prefix,
        secret_hash=_hash(secret),
        last_four=secret[-4:],
        may_propose="propose" in scopes,
        may_approve="approve" in scopes,
        may_administer="administer" in scopes,
        expires_at=expires_at,
    )
    record(
        verb="issued",
        subject_kind="token",
        subject_id=made.pk,
        subject_name=str(made),
        by=by,
        token=token,
        at=at,
        after={"owner": owner.username, "scopes": sorted(scopes)},
    )
    return made, f"wbl_{prefix}_{secret}"


_VALID = Select(
    lambda: Token.objects.select_related("owner").filter(
        prefix=Slot("prefix", CharField()),
        revoked_at__isnull=True,
        expires_at__gt=Now(),
        owner__is_active=True,
    )
)


def find(text: str) -> Token | None:
    """The token that `text` is, while it is valid and its owner active. One query, no cache."""
    match = SHAPE.fullmatch(text)
    if match is None:
        return None
    prefix, secret = match.groups()
    token = _VALID.first(prefix=prefix)
    if token is None or not secrets.compare_digest(token.secret_hash, _hash(secret)):
        return None
    return token


@transaction.atomic
def revoke(*, token: Token, by: User, at: datetime, through: Token | None = None) -> None:
    """Takes effect with the next request. Safe to repeat."""
    if Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at):
        record(
            verb="revoked",
            subject_kind="token",
            subject_id=token.pk,
            subject_name=str(token),
            by=by,
            token=through,
            at=at,
        )


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
