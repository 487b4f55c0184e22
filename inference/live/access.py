"""Who sits behind a stream: asked when it connects, and again while it is open."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from django.http import HttpRequest

from inference.accounts.models import Membership, User
from inference.live.registry import Feed, feed_of

Feeds = dict[str, Feed]


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides about a person's access. A new password ends what was opened with the old."""

    password: str
    rights: str


@dataclass(frozen=True, slots=True)
class Admission:
    """A person who is signed in, how they stand, and those of the topics that are theirs."""

    user_id: UUID
    standing: Standing
    feeds: Feeds


def admit(session_key: str, names: Sequence[str]) -> Admission | None:
    """None for nobody. Two queries for the person, and those of each topic."""
    user = signed_in(session_key)
    if user is None:
        return None
    return Admission(user.pk, standings([user.pk])[user.pk], feeds_of(user, names))


def feeds_of(user: User, names: Sequence[str]) -> Feeds:
    found = {name: feed_of(user, name) for name in names}
    return {name: feed for name, feed in found.items() if feed is not None}


def feeds_again(user_id: UUID, names: Sequence[str]) -> Feeds:
    """The same question later: roles, grants and objects come and go."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return feeds_of(user, names) if user else {}


def standings(users: Collection[UUID]) -> dict[UUID, Standing]:
    """How each of those stands who may be signed in. Two queries."""
    rows = User.objects.filter(pk__in=users, is_active=True)
    roles: defaultdict[UUID, list[str]] = defaultdict(list)
    memberships = Membership.objects.filter(user__in=users).order_by("team", "environment")
    for user, *role in memberships.values_list("user", "team", "environment", "role"):
        roles[user].append(" ".join(map(str, role)))
    return {
        pk: Standing(password, f"{is_superuser} {is_platform} {roles[pk]}")
        for pk, password, is_superuser, is_platform in rows.values_list(
            "pk", "password", "is_superuser", "is_platform"
        )
    }


def valid(session_keys: Collection[str]) -> set[str]:
    """Those of the sessions that have not ended. One query."""
    rows = Session.objects.filter(session_key__in=session_keys, expire_date__gt=Now())
    return set(rows.values_list("session_key", flat=True))


def signed_in(session_key: str) -> User | None:
    """Whose session it is, while it and the person's account last."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = auth.get_user(request)
    return user if isinstance(user, User) and user.is_active else None
