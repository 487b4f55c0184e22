"""Sending desired objects to one cluster: one request for each, and what it answered.

Requests run on threads, of which the caller is one; rows are read before and written after them,
in that one alone.
"""

import threading
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from inference.clusters.client.door import Applied, ClusterClient
from inference.clusters.client.errors import (
    ClusterUnavailable,
    ManifestRejected,
    Rejected,
    Unavailable,
)
from inference.delivery import ownership
from inference.delivery.breakers import OPENS_AT
from inference.delivery.hands import THREADS, Hands
from inference.delivery.leases import Lease
from inference.delivery.models import DesiredObject, PushOutcome
from inference.delivery.wanting import ref_of
from inference.errors import Refusal
from inference.failpoints import declare, failpoint
from inference.field_sets import field_set_of, values_hash
from inference.manifests import Manifest, ObjectRef
from inference.messages import Message
from inference.messages import delivery as messages
from inference.messages.clusters import UID_MISMATCH
from inference.planning.takes import covers

declare("push.before_patch", "push.after_patch", "delete.before", "delete.after")

CHUNK = 100
"""Objects between two records: what a crash makes us send again, at no cost to the cluster."""

Outcome = PushOutcome.Outcome

_CONTENDED = {Rejected.FIELD_CONFLICT, Rejected.UID_MISMATCH, Rejected.CHANGED}
_PASSING = {
    Unavailable.TIMED_OUT,
    Unavailable.TOO_SLOW,
    Unavailable.CUT_OFF,
    Unavailable.SERVER_ERROR,
    Unavailable.UNREACHABLE,
}
"""Failures that the next request may not meet. After any other, asking on is of no use."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one object, and what the server says that it is now.

    `field_set` is JSON text: hundreds of results are held at once, and text has no parts that
    the garbage collector would look at again and again.
    """

    row: DesiredObject
    outcome: str
    message: Message | None = None
    params: dict[str, Any] = field(default_factory=dict)
    live_uid: str = ""
    live_generation: int = 0
    field_set: str = "{}"
    values_hash: str = ""


@dataclass(slots=True)
class Round:
    """One chunk's results, and what it showed of the cluster. Shared by threads."""

    results: list[Result] = field(default_factory=list)
    unsent: list[tuple[DesiredObject, ClusterUnavailable]] = field(default_factory=list)
    failures: int = 0
    answered: bool = False
    problem: ClusterUnavailable | None = None
    is_over: bool = False
    # Somebody has made an object anew, or the whole cluster: who is it?
    met_another: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def got(self, result: Result) -> None:
        with self._lock:
            self.results.append(result)
            self.failures, self.answered = 0, True
            self.met_another |= result.message is UID_MISMATCH

    def missed(self, row: DesiredObject, problem: ClusterUnavailable) -> None:
        with self._lock:
            self.unsent.append((row, problem))
            self.failures += problem.reason is not Unavailable.THROTTLED
            self.problem = problem
            if problem.reason not in _PASSING or self.failures >= OPENS_AT:
                self.is_over = True


@contextmanager
def many_hands(count: int) -> Iterator[Hands]:
    """For up to `count` objects at once."""
    yield Hands(min(THREADS, count))


def send(
    client: ClusterClient,
    rows: Sequence[DesiredObject],
    announced: Collection[int],
    versions: dict[str, str],
    lease: Lease,
    until: float,
    hands: Hands,
) -> Round:
    """Send rows at once, until `until` of the monotonic clock, the lease or the cluster ends it.

    `announced` holds the rows that an earlier attempt may have created already, `versions` the
    resourceVersion of each UID where one is known. What was not sent is in no result.
    """
    told = Round()

    def one(row: DesiredObject) -> None:
        if told.is_over or time.monotonic() >= until or not lease.allows_a_write:
            return
        try:
            deadline = min(until, lease.write_deadline())
            if row.wanted:
                told.got(_put(client, row, row.pk in announced, versions, deadline))
            else:
                told.got(_delete(client, row, deadline))
        except ClusterUnavailable as problem:
            told.missed(row, problem)
        except Refusal as refusal:
            told.got(_refused(row, refusal))

    hands(client.window, one, rows)
    return told


def _put(
    client: ClusterClient,
    row: DesiredObject,
    was_announced: bool,
    versions: dict[str, str],
    deadline: float,
) -> Result:
    ref = ref_of(row)
    failpoint("push.before_patch")
    applied = _sent(client, row, ref, deadline)
    failpoint("push.after_patch")
    metadata = applied.object["metadata"]
    if row.uid:
        same = versions.get(row.uid) == metadata.get("resourceVersion")
        return _accepted(row, Outcome.UNCHANGED if same else Outcome.UPDATED, applied.object)
    if applied.created or ownership.is_ours(applied.object, was_announced=was_announced):
        return _accepted(row, Outcome.CREATED, applied.object)
    params = {"object": str(ref), "managers": ownership.others(applied.object)}
    return Result(
        row, Outcome.EXISTED, messages.EXISTED, params, live_uid=str(metadata.get("uid", ""))
    )


def _sent(client: ClusterClient, row: DesiredObject, ref: ObjectRef, deadline: float) -> Applied:
    """By force only when the cluster has named the conflicts, and the plan names each of them."""
    body, uid = row.body.encode(), row.uid or None
    try:
        return client.apply(ref, body, uid=uid, deadline=deadline)
    except ManifestRejected as refusal:
        conflicts = [(one.manager, one.field) for one in refusal.conflicts]
        if not covers([(one["path"], one["manager"]) for one in row.takes], conflicts):
            raise
    return client.apply(ref, body, uid=uid, force=True, deadline=deadline)


def _accepted(row: DesiredObject, outcome: str, answer: Manifest) -> Result:
    metadata, fields = answer["metadata"], field_set_of(answer)
    return Result(
        row,
        outcome,
        live_uid=str(metadata.get("uid", "")),
        live_generation=int(metadata.get("generation") or 0),
        field_set=orjson.dumps(fields).decode(),
        values_hash=values_hash(answer, fields),
    )


def _delete(client: ClusterClient, row: DesiredObject, deadline: float) -> Result:
    """By UID, so that an object made anew stays. One that is gone already is deleted enough."""
    failpoint("delete.before")
    client.delete(ref_of(row), row.uid, deadline=deadline)
    failpoint("delete.after")
    return Result(row, Outcome.DELETED, live_uid=row.uid)


def _refused(row: DesiredObject, refusal: Refusal) -> Result:
    contended = isinstance(refusal, ManifestRejected) and refusal.reason in _CONTENDED
    outcome = Outcome.CONTENDED if contended else Outcome.REJECTED
    params = {"object": str(ref_of(row)), **refusal.params}
    return Result(row, outcome, refusal.message, params)


def chunks(rows: Sequence[DesiredObject]) -> Iterable[Sequence[DesiredObject]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
