"""Trying a route: a person gets a ticket, and the process that streams takes it, once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now

from inference.accounts.models import User
from inference.audit.recording import record
from inference.clusters.connecting import allowed_networks
from inference.definitions.models import Route
from inference.errors import Conflict, Refusal
from inference.health.models import Trial
from inference.health.policies import check_can_try
from inference.health.prompts import Prompt
from inference.health.streaming import Order
from inference.health.targets import pods_of, served_now, target_of
from inference.messages import trials as messages

LIFETIME = timedelta(seconds=30)
WINDOW = timedelta(minutes=1)
MOST_IN_A_WINDOW = 10
KEPT_FOR = timedelta(hours=1)


@transaction.atomic
def allow_try(*, route: Route, prompt: Prompt, session_key: str, by: User, at: datetime) -> str:
    """The ticket for one try, said here and never again. The audit holds no word of the prompt.

    Raises NotAllowed, and Refusal where there is no place to ask or the person asks too often.
    """
    check_can_try(route, by)
    target_of(route)
    _check_pace(by)
    secret = secrets.token_urlsafe(32)
    Trial.objects.filter(made_at__lt=Now() - KEPT_FOR).delete()
    Trial.objects.create(
        user=by,
        route=route,
        secret_hash=_hash(secret),
        session_hash=_hash(session_key),
        prompt_hash=prompt.digest,
        made_at=Now(),
        expires_at=Now() + LIFETIME,
    )
    record(
        verb="tried",
        subject_kind="route",
        subject_id=route.pk,
        subject_name=route.name,
        by=by,
        at=at,
        team=route.team,
        after={"max_tokens": prompt.max_tokens},
    )
    return secret


def take_try(*, ticket: str, prompt: Prompt, session_key: str, by: User) -> Order:
    """What the ticket allows; whoever comes second with it comes too late.

    Raises Conflict for a ticket that is spent, expired, another's or for something else, and what
    `allow_try` raises where that has changed meanwhile.
    """
    mine = Trial.objects.filter(
        secret_hash=_hash(ticket),
        user=by,
        session_hash=_hash(session_key),
        prompt_hash=prompt.digest,
    )
    taken = mine.filter(taken_at__isnull=True, expires_at__gt=Now()).update(taken_at=Now())
    route = served_now().filter(trials__in=mine).first() if taken else None
    if route is None:
        raise Conflict(messages.TICKET_SPENT)
    check_can_try(route, by)
    return Order(target_of(route), prompt, allowed_networks(), pods_of(route))


def _check_pace(by: User) -> None:
    """Counts under the lock of the person's row, so that two at once do not both come last."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    recent = Trial.objects.filter(user=by, made_at__gt=Now() - WINDOW).annotate(now=Now())
    made = list(recent.order_by("made_at").values_list("made_at", "now"))
    if len(made) >= MOST_IN_A_WINDOW:
        oldest, now = made[-MOST_IN_A_WINDOW]
        seconds = max(1, round((oldest + WINDOW - now).total_seconds()))
        raise Refusal(messages.TOO_MANY, most=MOST_IN_A_WINDOW, seconds=seconds)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
