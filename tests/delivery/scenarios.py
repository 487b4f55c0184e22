"""Changes that stand before something, for suites that let others do it."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from inference import outbox
from inference.accounts.models import User
from inference.changes import actions as changes
from inference.changes import tasks as planning
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from inference.clusters.tasks import look
from inference.delivery import actions, tasks
from inference.delivery.models import DesiredObject, Push
from tests.delivery.peer import Peer
from tests.factories.delivery import POOL, Gone, Put, approved, config_map, config_maps


@dataclass(frozen=True)
class Scenario:
    """What a cluster is to be told, in the words of its watchers."""

    change: ChangeRequest
    added: frozenset[str] = frozenset()
    modified: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    names_are_known: bool = True


def pushed(change: ChangeRequest, cluster: Cluster) -> ChangeRequest:
    """Start and push it here and now."""
    actions.start(change=change, at=timezone.now())
    tasks.converge(str(cluster.pk))
    for push in Push.objects.filter(change=change, state=Push.State.VERIFYING):
        tasks.verify(str(push.pk))
    change.refresh_from_db()
    return change


def objects(author: User, approver: User, cluster: Cluster) -> Scenario:
    """Approved: creates three objects in two phases, updates one, deletes one."""
    first = approved(author, approver, config_maps(2), cluster=cluster)
    assert pushed(first, cluster).state == ChangeRequest.State.SUCCEEDED
    uids = dict(DesiredObject.objects.values_list("name", "live_uid"))
    definition = uuid4()
    steps = [
        Put(config_map("new-0"), definition_id=definition),
        Put(config_map("new-1"), definition_id=definition),
        Put(config_map("new-2"), phase=2, definition_id=definition),
        Put(config_map("object-0", answer="43"), uid=uids["object-0"]),
        Gone(config_map("object-1"), uid=uids["object-1"]),
    ]
    change = approved(author, approver, steps, cluster=cluster)
    _post(change)
    return Scenario(
        change,
        added=frozenset({"new-0", "new-1", "new-2"}),
        modified=frozenset({"object-0"}),
        deleted=frozenset({"object-1"}),
    )


def planned_way(author: User, cluster: Cluster, peer: Peer) -> Scenario:
    """Drafted: a model without replicas, so that no engine has to come up."""
    found = look(cluster, peer.administrator, at=timezone.now())
    Cluster.objects.filter(pk=cluster.pk).update(**found)
    pool = Proposal("create", "hardware-pool", "h100", document={**POOL, "cluster": cluster.name})
    model = Proposal(
        "create",
        "served-model",
        "qwen3",
        document={
            "weights": "hf://Qwen/Qwen3-32B",
            "served_names": ["qwen3-32b"],
            "placements": [{"id": str(uuid4()), "pool": "h100", "replicas": 0}],
        },
    )
    change = changes.draft(
        team=author.memberships.get(environment="prod").team,
        title="",
        reason="asked for",
        edits=[pool, model],
        by=author,
        at=timezone.now(),
    )
    return Scenario(change, names_are_known=False)


def sent_back(author: User, approver: User, cluster: Cluster) -> Scenario:
    """Approved, and the plan has run out: it is planned anew, comes out the same, and starts."""
    proposal = Proposal(
        "create", "hardware-pool", "h100", document={**POOL, "cluster": cluster.name}
    )
    team = author.memberships.get(environment="prod").team
    now = timezone.now()
    change = changes.draft(
        team=team, title="", reason="asked for", edits=[proposal], by=author, at=now
    )
    change = changes.submit(change=change, version=change.version, by=author, at=now)
    planning.plan(str(change.pk))
    change.refresh_from_db()
    assert change.plan is not None
    changes.approve(change=change, plan_hash=change.plan.hash, by=approver, at=now)
    past = now - timedelta(seconds=1)
    ChangeRequest.objects.filter(pk=change.pk).update(plan_valid_until=past)
    return Scenario(change)


def contended(author: User, approver: User, cluster: Cluster, peer: Peer) -> Scenario:
    """Partial: one object met another's, which has been taken away since."""
    change = approved(author, approver, config_maps(2), cluster=cluster)
    peer.apply(config_map("object-0", answer="theirs"), manager="kubectl")
    assert pushed(change, cluster).state == ChangeRequest.State.PARTIAL
    peer.take_away(config_map("object-0"))
    return Scenario(change, added=frozenset({"object-0"}))


def _post(change: ChangeRequest) -> None:
    with transaction.atomic():
        outbox.post("delivery.start", change.pk)
