"""What rows, REST and the cluster say of one change, without what differs from run to run."""

import re
from typing import Any

from inference.accounts.models import User
from inference.audit.models import AuditEvent, AuditStream
from inference.audit.recording import breaks
from inference.changes.models import ChangeRequest, Decision
from inference.clusters.models import Inventory
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.outbox.models import OutboxEntry
from tests.api.callers import Caller, client
from tests.api.house import token_for
from tests.delivery.peer import Peer

_CHANGES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|llm-gone-[0-9a-f]+|(?<=127\.0\.0\.1:)\d+|(?<=#)\d+"
)


def dump(change: ChangeRequest, peer: Peer, viewer: User) -> dict[str, Any]:
    """Everything that a fault might lose or leave half written; and how it is told."""
    for stream in AuditStream.objects.all():
        assert list(breaks(stream)) == []
    return {
        "change": _change(change),
        "pushes": _pushes(change),
        "outcomes": _outcomes(change),
        "desired": _desired(),
        "inventory": _inventory(),
        "audit": _audit(change),
        "outbox": sorted(OutboxEntry.objects.values_list("topic", flat=True).distinct()),
        "cluster": _cluster(peer),
        "told": told(change, Caller(token_for(viewer))),
    }


def told(change: ChangeRequest, caller: Caller) -> dict[str, str]:
    """What REST says is wrong: with the change, with its push, with each of its objects."""
    shown = caller.get(f"change-requests/{change.pk}/").json()
    found = {"change": shown["problem"]}
    for push in shown["pushes"]:
        detail = caller.get(f"pushes/{push['id']}/").json()
        found["push"] = detail["problem"]
        found |= {one["name"]: one["reason"] for one in detail["objects"]}
    return {where: _sentence(reason) for where, reason in found.items() if reason}


def _sentence(reason: dict[str, Any]) -> str:
    """Its type has a page, and nothing is left open in its words."""
    page = client().get(f"/problems/{reason['code']}")
    assert page.status_code == 200
    assert "{" not in reason["detail"]
    return _CHANGES.sub("…", f"{reason['code']}: {reason['detail']}")


def _change(change: ChangeRequest) -> dict[str, Any]:
    row = ChangeRequest.objects.get(pk=change.pk)
    return {
        "state": row.state,
        "stale": row.stale,
        "version": row.version,
        "problem": row.problem_code,
        "decisions": Decision.objects.filter(plan=row.plan).count(),
        "has the plan that was approved": row.plan_id == change.plan_id,
        "is finished": row.finished_at is not None,
    }


def _pushes(change: ChangeRequest) -> list[dict[str, Any]]:
    rows = Push.objects.filter(change=change).order_by("pk")
    return list(rows.values("state", "phase", "attempt", "problem_code"))


def _outcomes(change: ChangeRequest) -> dict[str, str]:
    rows = PushOutcome.objects.filter(push__change=change).select_related("step")
    return {
        row.step.name: f"{row.outcome} {row.code}".strip() for row in rows.order_by("step__ordinal")
    }


def _desired() -> dict[str, str]:
    return {
        row.name: f"{row.pushed_generation} of {row.generation} {row.problem_code}".strip()
        for row in DesiredObject.objects.order_by("name")
    }


def _inventory() -> dict[str, str]:
    rows = Inventory.objects.order_by("name", "pk")
    return {row.name: "deleted" if row.deleted_at else "ours" for row in rows}


def _audit(change: ChangeRequest) -> list[str]:
    """Of the change and its pushes, in the order of their chain."""
    pushes = [str(key) for key in Push.objects.filter(change=change).values_list("pk", flat=True)]
    rows = AuditEvent.objects.filter(subject_kind="change-request", subject_id=str(change.pk))
    rows |= AuditEvent.objects.filter(subject_kind="push", subject_id__in=pushes)
    return list(rows.order_by("sequence").values_list("verb", flat=True))


def _cluster(peer: Peer) -> dict[str, Any]:
    return {name: item.get("data") for name, item in sorted(peer.named("configmaps").items())}
