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
from inference.clusters.models import Cluster, Gateway
from inference.clusters.tasks import look
from inference.definitions.models import Route
from inference.delivery import actions, tasks
from inference.delivery.models import DesiredObject, Push
from tests.delivery.controllers import GATEWAY, GATEWAYS
from tests.delivery.peer import Peer
from tests.factories.delivery import NAMESPACE, POOL, Gone, Put, approved, config_map, config_maps


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
    wake("delivery.start", change.pk)
    return Scenario(
        change,
        added=frozenset({"new-0", "new-1", "new-2"}),
        modified=frozenset({"object-0"}),
        deleted=frozenset({"object-1"}),
    )


def planned_way(author: User, cluster: Cluster, peer: Peer) -> Scenario:
    """Drafted: a model without replicas, so that no engine has to come up."""
    known(cluster, peer)
    return Scenario(asked(author, cluster), names_are_known=False)


def asked(author: User, cluster: Cluster, replicas: int = 0) -> ChangeRequest:
    """Drafted: a pool, and a model on it."""
    return _drafted(author, [_pool(cluster), _model(replicas)])


def routed(author: User, approver: User, cluster: Cluster, peer: Peer) -> ChangeRequest:
    """Approved by way of a real plan: a model without replicas, and a route to it."""
    known(cluster, peer)
    gateway = Gateway.objects.create(cluster=cluster, namespace=GATEWAYS, name=GATEWAY)
    place = {"cluster": cluster.name, "namespace": gateway.namespace, "name": gateway.name}
    member = {"model": "qwen3", "pool": "h100"}
    route = Proposal(
        "create",
        "route",
        "chat",
        document={"gateway": place, "hostname": "chat.example.com", "members": [member]},
    )
    change = _drafted(author, [_pool(cluster), _model(), route])
    return decided(change, author, approver)


def known(cluster: Cluster, peer: Peer) -> None:
    """What a probe would write down of it."""
    found = look(cluster, peer.administrator, at=timezone.now())
    Cluster.objects.filter(pk=cluster.pk).update(**found)


def _pool(cluster: Cluster) -> Proposal:
    document = {**POOL, "cluster": cluster.name}
    return Proposal("create", "hardware-pool", "h100", document=document)


def _model(replicas: int = 0) -> Proposal:
    return Proposal(
        "create",
        "served-model",
        "qwen3",
        document={
            "weights": "hf://Qwen/Qwen3-32B",
            "served_names": ["qwen3-32b"],
            "placements": [{"id": str(uuid4()), "pool": "h100", "replicas": replicas}],
        },
    )


def _drafted(author: User, edits: list[Proposal]) -> ChangeRequest:
    team = author.memberships.get(environment="prod").team
    at = timezone.now()
    return changes.draft(team=team, title="", reason="asked for", edits=edits, by=author, at=at)


def planned(change: ChangeRequest, author: User) -> ChangeRequest:
    change = changes.submit(change=change, version=change.version, by=author, at=timezone.now())
    planning.plan(str(change.pk))
    change.refresh_from_db()
    assert change.plan is not None, change.problem_code
    return change


def decided(change: ChangeRequest, author: User, approver: User) -> ChangeRequest:
    return accepted(planned(change, author), approver)


def accepted(change: ChangeRequest, approver: User) -> ChangeRequest:
    assert change.plan is not None
    plan_hash, now = change.plan.hash, timezone.now()
    changes.approve(change=change, plan_hash=plan_hash, by=approver, at=now)
    change.refresh_from_db()
    return change


def sent_back(author: User, approver: User, cluster: Cluster) -> Scenario:
    """Approved, and the plan has run out: it is planned anew, comes out the same, and starts."""
    change = decided(_drafted(author, [_pool(cluster)]), author, approver)
    past = timezone.now() - timedelta(seconds=1)
    ChangeRequest.objects.filter(pk=change.pk).update(plan_valid_until=past)
    return Scenario(change)


def contended(author: User, approver: User, cluster: Cluster, peer: Peer) -> Scenario:
    """Partial: one object met another's, which has been taken away since."""
    change = approved(author, approver, config_maps(2), cluster=cluster)
    peer.apply(config_map("object-0", answer="theirs"), manager="kubectl")
    assert pushed(change, cluster).state == ChangeRequest.State.PARTIAL
    peer.take_away(config_map("object-0"))
    return Scenario(change, added=frozenset({"object-0"}))


def unplannable(author: User, cluster: Cluster) -> Scenario:
    """Drafted, on a pool whose cluster was removed since."""
    change = _drafted(author, [_pool(cluster)])
    Cluster.objects.filter(pk=cluster.pk).update(
        state=Cluster.State.REMOVED, removed_at=timezone.now()
    )
    return Scenario(change)


def run_out(author: User, approver: User, cluster: Cluster) -> Scenario:
    """Sent back to its people, who let its time run out."""
    change = planned(_drafted(author, [_pool(cluster)]), author)
    now = timezone.now()
    changes.request_changes(
        change=change, plan_hash=change.plan.hash, comment="smaller", by=approver, at=now
    )
    ChangeRequest.objects.filter(pk=change.pk).update(expires_at=now)
    wake("changes.expire", change.pk)
    return Scenario(change)


def served_nowhere(author: User, cluster: Cluster) -> Route:
    """A route on a gateway that nobody has seen."""
    gateway = Gateway.objects.create(cluster=cluster, namespace=GATEWAYS, name=GATEWAY)
    now = timezone.now()
    return Route.objects.create(
        team=author.memberships.get(environment="prod").team,
        name="chat",
        document={},
        gateway=gateway,
        namespace=NAMESPACE,
        hostname="chat.example.com",
        object_name="chat-x",
        created_at=now,
        updated_at=now,
    )


def wake(topic: str, key: object) -> None:
    with transaction.atomic():
        outbox.post(topic, key)
