"""The last of a push: its routes are asked until each member with a share has answered."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from inference import events, outbox
from inference.clusters.connecting import allowed_networks
from inference.definitions.models import Route
from inference.delivery import answering
from inference.delivery.models import Push
from inference.errors import Refusal
from inference.failpoints import declare, failpoint
from inference.health.patience import pause
from inference.health.probing import Answer, ask
from inference.health.shares import MOST, Shown
from inference.health.targets import Member, members_of, replicas_of, served_now, target_of
from inference.messages import Message
from inference.messages import health as messages
from inference.observation.models import Reading
from inference.outbox import Later

declare("health.before_members")

AT_ONCE, SECONDS_AT_ONCE = 30, 10.0
"""Requests of one round, and after how long none of it is begun any more. When `MOST` have not met
a member, each round is one."""
AGAIN, AT_MOST = timedelta(seconds=1), timedelta(seconds=10)
"""Between two rounds."""
REACHED_WITHIN = timedelta(minutes=1)
"""A gateway that opens takes less. One that no worker reaches tells nothing of its members."""
CLOSED = {messages.NOT_DIALLED, messages.NOT_TRUSTED, messages.NO_LISTENER, messages.NO_ADDRESS}
KEPT_OUT = {401, 403}
"""The gateway asks who its clients are, and a probe is nobody."""

Shares = Mapping[UUID, Member]


@dataclass(frozen=True, slots=True)
class Course:
    """What requests have come to. `heard`: who has ever answered, also before a request failed;
    `failed`: why the last one did."""

    began: datetime
    shown: Shown = field(default_factory=Shown)
    heard: frozenset[UUID] = frozenset()
    failed: Answer | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What the end of the push may rest on: `is_excused` where nothing can be shown."""

    message: Message | None = None
    params: Mapping[str, Any] | None = None
    is_excused: bool = False


@outbox.handler(answering.ASK)
def members(key: str) -> Later | None:
    """One round of requests, and a reading of what they have shown. Ends with its push."""
    number, _, identity = key.partition("/")
    push = Push.objects.filter(pk=number, state=Push.State.VERIFYING).first()
    if push is None:
        return None
    route = served_now().filter(pk=identity).first()
    if route is None:
        return Later(seconds=AT_MOST.total_seconds())
    course, found = _look(push, route)
    _write(push, route, course, found)
    if found.message is None or found.is_excused:
        return None
    return Later(seconds=pause(timezone.now() - course.began, AGAIN, AT_MOST).total_seconds())


def _look(push: Push, route: Route) -> tuple[Course, Finding]:
    course, shares = _until_now(push, route), members_of(route)
    paused = ", ".join(one.name for one in shares.values() if one.is_paused)
    if paused:
        return course, Finding(messages.MEMBER_PAUSED, {"members": paused}, is_excused=True)
    if not shares:
        return course, Finding(messages.NO_SHARES, is_excused=True)
    course = _round(route, shares, replace(course, failed=None))
    return course, _finding(course, shares, timezone.now())


def _round(route: Route, shares: Shares, course: Course) -> Course:
    """Ask until all have answered often enough, a request fails, or it is another round's turn."""
    try:
        target = target_of(route)
    except Refusal as refusal:
        return _failed(course, Answer(None, refusal.message, refusal.params))
    replicas, networks = replicas_of(shares), list(allowed_networks())
    weights = {identity: one.weight for identity, one in shares.items()}
    until = time.monotonic() + SECONDS_AT_ONCE
    for _ in range(AT_ONCE if course.shown.asked < MOST else 1):
        answer = ask(target, networks)
        if answer.milliseconds is None:
            return _failed(course, answer)
        member = replicas.get(str((answer.params or {}).get("replica", "")))
        heard = course.heard | ({member} if member else set())
        course = replace(course, shown=course.shown.plus(member), heard=heard)
        if not course.shown.lacks(weights) or time.monotonic() > until:
            break
    return course


def _failed(course: Course, answer: Answer) -> Course:
    """A request that fails may have been anybody's: they all have to answer again."""
    return replace(course, shown=Shown(), failed=answer)


def _finding(course: Course, shares: Shares, now: datetime) -> Finding:
    weights = {identity: one.weight for identity, one in shares.items()}
    lacking = course.shown.lacks(weights)
    failed = course.failed
    if not lacking:
        return Finding()
    if failed and failed.message and _is_nothing_of_theirs(failed, course, now):
        return Finding(failed.message, failed.params, is_excused=True)
    silent = [one.name for identity, one in shares.items() if identity not in course.heard]
    names = ", ".join(silent)
    if failed is None or failed.message is None:
        return Finding(messages.MEMBERS_SILENT, {"members": names})
    told = {"members": names, "reason": failed.message.text(**(failed.params or {}))}
    return Finding(messages.MEMBERS_FAILING if silent else messages.MEMBERS_MIXED, told)


def _is_nothing_of_theirs(failed: Answer, course: Course, now: datetime) -> bool:
    """Whether it is Waybill alone that is kept out. Where anybody has been heard, it is not."""
    if failed.message is messages.UNREACHABLE:
        return not course.heard and now - course.began > REACHED_WITHIN
    if failed.message is messages.REFUSED:
        return (failed.params or {}).get("status") in KEPT_OUT
    return failed.message in CLOSED


def _until_now(push: Push, route: Route) -> Course:
    row = answering.readings(push, [route.pk]).first()
    if row is None:
        return Course(timezone.now())
    told = row.params
    answered = {UUID(member): count for member, count in told["answered"].items()}
    shown = Shown(told["asked"], answered, told["is_told"])
    return Course(datetime.fromisoformat(told["began"]), shown, frozenset(map(UUID, told["heard"])))


@transaction.atomic
def _write(push: Push, route: Route, course: Course, found: Finding) -> None:
    """One row for each attempt, written anew as it goes on."""
    failpoint("health.before_members")
    is_shown = found.message is None
    params = {
        **answering.of_attempt(push),
        **(found.params or {}),
        "began": course.began.isoformat(),
        "asked": course.shown.asked,
        "answered": {str(member): count for member, count in course.shown.answered.items()},
        "heard": sorted(map(str, course.heard)),
        "is_told": course.shown.is_told,
        "is_excused": found.is_excused,
    }
    fields = {
        "value": course.shown.asked if is_shown else None,
        "code": found.message.code if found.message else "",
        "params": params,
        "at": timezone.now(),
    }
    mine = answering.readings(push, [route.pk])
    if not mine.update(**fields):
        Reading.objects.create(
            cluster=route.gateway.cluster,
            subject_kind="route",
            subject_id=route.pk,
            signal=answering.SIGNAL,
            source="probe",
            **fields,
        )
    events.announce(f"reading:{route.pk}")
    if is_shown or found.is_excused:
        outbox.post("delivery.verify", push.pk)
