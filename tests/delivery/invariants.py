"""What holds whatever died: asked of the server's own journal and of the rows."""

from collections import Counter

from inference.audit.models import AuditEvent, AuditStream
from inference.audit.recording import breaks
from inference.changes.models import ChangeRequest
from inference.clusters.models import Inventory
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.manifests import Manifest
from inference.outbox.models import OutboxEntry
from tests.delivery.journal import moves
from tests.delivery.peer import Peer, versions
from tests.delivery.scenarios import Scenario


class Before:
    """Where a server stood before a scenario."""

    def __init__(self, peer: Peer) -> None:
        self.place = peer.journal.place()
        self.versions = versions(peer.everything())
        self.names = {key.partition("/")[2] for key in self.versions}


def check(peer: Peer, scenario: Scenario, before: Before) -> None:
    """The cluster has converged, every object has moved once at most, and no hand was needed."""
    change = ChangeRequest.objects.get(pk=scenario.change.pk)
    told = (change.state, change.problem_code, change.problem_params, change.stale)
    assert change.state == ChangeRequest.State.SUCCEEDED, told
    there = peer.everything()
    check_server(peer, scenario, before, there)
    check_rows(change)
    check_inventory(there)
    check_audit(change)


def check_server(
    peer: Peer, scenario: Scenario, before: Before, there: dict[str, Manifest]
) -> None:
    asked = peer.asked_since(before.place)
    moved = moves(asked, before.versions)
    assert not {name for name, times in moved.items() if times > 1}, "an object has moved twice"
    deleted = Counter(one.name for one in asked if one.verb == "delete" and one.is_done)
    assert deleted == Counter(scenario.deleted)
    wrote = {one.name for one in asked if one.is_done and one.verb != "delete"}
    present = {key.partition("/")[2] for key in there}
    if scenario.names_are_known:
        assert wrote == scenario.added | scenario.modified
        assert {name for name in moved if moved[name]} == wrote
        assert present == before.names - scenario.deleted | scenario.added
    assert not {one for one in asked if one.is_write and one.verb not in {"patch", "delete"}}


def check_rows(change: ChangeRequest) -> None:
    pushes = Push.objects.filter(change=change)
    assert {push.state for push in pushes} == {Push.State.SUCCEEDED}
    outcomes = PushOutcome.objects.filter(push__in=pushes)
    assert {one.outcome for one in outcomes} <= set(PushOutcome.DONE)
    for row in DesiredObject.objects.all():
        assert row.pushed_generation == row.generation
    assert not OutboxEntry.objects.filter(topic__startswith="delivery.").exists()


def check_inventory(there: dict[str, Manifest]) -> None:
    """Exactly what is there is ours, by UID; what was deleted is marked."""
    present = {item["metadata"]["uid"] for item in there.values()}
    ours = Inventory.objects.filter(deleted_at__isnull=True)
    assert set(ours.values_list("uid", flat=True)) == present


def check_audit(change: ChangeRequest) -> None:
    """Every deed once, in chains that hold."""
    for stream in AuditStream.objects.all():
        assert list(breaks(stream)) == []
    subject = AuditEvent.objects.filter(subject_kind="change-request", subject_id=str(change.pk))
    verbs = Counter(subject.values_list("verb", flat=True))
    assert {verb: count for verb, count in verbs.items() if count > 1} == {}
