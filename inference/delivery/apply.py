"""Sending desired objects to one cluster: one request for each, and what it answered.

Requests run on threads; rows are read before and written after them, in this thread alone.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from inference.clusters.client.door import ClusterClient
from inference.clusters.client.errors import ClusterUnavailable, ManifestRejected, Rejected
from inference.delivery import ownership
from inference.delivery.leases import Lease
from inference.delivery.models import DesiredObject, PushOutcome
from inference.delivery.wanting import ref_of
from inference.errors import Refusal
from inference.failpoints import declare, failpoint
from inference.manifests import Manifest
from inference.messages import Message
from inference.messages import delivery as messages

declare("push.before_send", "push.after_send")

THREADS = 16
CHUNK = 64
"""Objects between two records: what a crash makes us send again, at no cost to the cluster."""

Outcome = PushOutcome.Outcome

_CONTENDED = {Rejected.FIELD_CONFLICT, Rejected.UID_MISMATCH, Rejected.CHANGED}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one object. `answer` is the object as the server has it now."""

    row: DesiredObject
    outcome: str
    message: Message | None = None
    params: dict[str, object] | None = None
    answer: Manifest | None = None

    @property
    def is_done(self) -> bool:
        return self.outcome in PushOutcome.DONE


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some results, and why there are no more: the cluster stopped answering."""

    results: list[Result]
    unavailable: ClusterUnavailable | None = None


def send(
    client: ClusterClient,
    rows: Sequence[DesiredObject],
    announced: frozenset[int],
    lease: Lease,
    until: float,
) -> Iterator[Chunk]:
    """Send rows chunk by chunk, until `until` of the monotonic clock or the cluster fails.

    `announced` holds the rows that an earlier attempt may have created already. Raises LeaseLost.
    """
    with ThreadPoolExecutor(THREADS, thread_name_prefix="push") as pool:
        for start in range(0, len(rows), CHUNK):
            lease.check_can_write()
            if time.monotonic() >= until:
                return
            part = rows[start : start + CHUNK]
            found = list(pool.map(lambda row: _send(client, row, announced, until), part))
            failed = [one for one in found if isinstance(one, ClusterUnavailable)]
            results = [one for one in found if isinstance(one, Result)]
            yield Chunk(results, failed[0] if failed else None)
            if failed:
                return


def _send(
    client: ClusterClient, row: DesiredObject, announced: frozenset[int], until: float
) -> Result | ClusterUnavailable:
    try:
        failpoint("push.before_send")
        result = (
            _put(client, row, row.pk in announced, until)
            if row.wanted
            else _delete(client, row, until)
        )
        failpoint("push.after_send")
    except ManifestRejected as refusal:
        contended = refusal.reason in _CONTENDED
        outcome = Outcome.CONTENDED if contended else Outcome.REJECTED
        return Result(row, outcome, refusal.message, refusal.params)
    except ClusterUnavailable as unavailable:
        return unavailable
    except Refusal as refusal:
        return Result(row, Outcome.REJECTED, refusal.message, refusal.params)
    return result


def _put(client: ClusterClient, row: DesiredObject, was_announced: bool, until: float) -> Result:
    applied = client.apply(
        ref_of(row), row.body.encode(), uid=row.uid or None, force=row.force, deadline=until
    )
    if applied.created:
        return Result(row, Outcome.CREATED, answer=applied.object)
    if row.uid or row.force:
        return Result(row, Outcome.UPDATED, answer=applied.object)
    if ownership.is_ours(applied.object, was_announced=was_announced):
        return Result(row, Outcome.CREATED, answer=applied.object)
    params: dict[str, object] = {
        "object": str(ref_of(row)),
        "managers": ownership.others(applied.object),
    }
    return Result(row, Outcome.EXISTED, messages.EXISTED, params, applied.object)


def _delete(client: ClusterClient, row: DesiredObject, until: float) -> Result:
    """By UID, so that an object made anew stays. One that is gone already is deleted enough."""
    client.delete(ref_of(row), row.uid, deadline=until)
    return Result(row, Outcome.DELETED)
