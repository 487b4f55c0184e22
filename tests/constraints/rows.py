"""One valid row of each table that has constraints, and what makes a second one valid."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db.models import Model

from inference.accounts.models import EnvironmentRule, Membership, Team, Token, User
from inference.api.models import IdempotentRequest
from inference.audit.models import AuditEvent
from inference.changes.models import (
    ChangeRequest,
    Contributor,
    Decision,
    Edit,
    Plan,
    PlanCheck,
    PlanStep,
    PlanTouch,
    Revision,
)
from inference.clusters.models import (
    Cluster,
    EgressRange,
    Gateway,
    Grant,
    Inventory,
    LiveObject,
    MetricsSource,
    WatchState,
)
from inference.definitions.models import (
    HardwarePool,
    Placement,
    PublicName,
    Route,
    RouteMember,
    ServedModel,
)
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.health.models import Trial
from inference.observation.models import Reading
from inference.outbox.models import OutboxEntry
from tests.conftest import NOON
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.changes import LATER, decided, planned
from tests.factories.clusters import (
    ClusterFactory,
    EgressRangeFactory,
    GatewayFactory,
    GrantFactory,
)
from tests.remembered import remembered

OBJECT = {"api_version": "v1", "kind": "ConfigMap", "namespace": "llm-chat", "name": "object-0"}
DEFINITION = {"document": {}, "created_at": NOON, "updated_at": NOON}
House = dict[type[Model], Any]


@remembered
def furnish() -> House:
    """A row of each table, all about one team and one cluster."""
    house: House = {}

    def put(*rows: Model) -> None:
        house.update({type(row): row for row in rows})

    put(*_people(), ClusterFactory.create(), EgressRangeFactory.create())
    team, author, cluster = house[Team], house[User], house[Cluster]
    approver = UserFactory.create(username="approver")
    change = planned(author, cluster=cluster)
    put(change, decided(change, approver), *_of_change(change))
    put(GrantFactory.create(cluster=cluster, team=team), GatewayFactory.create(cluster=cluster))
    put(*_definitions(team, cluster, house[Gateway]))
    put(_trial(house))
    put(*_pushed(house))
    put(*_seen(house))
    return house


def _people() -> list[Model]:
    member = MembershipFactory.create()
    token = Token.objects.create(
        owner=member.user,
        owner_kind="person",
        name="mine",
        prefix="prefix-1",
        secret_hash="0" * 64,
        expires_at=LATER,
    )
    rule = EnvironmentRule.objects.create(environment="dev", one_pair_of_eyes=False)
    kept = IdempotentRequest.objects.create(
        principal="person-1", key="key-1", request_hash="0" * 64, begun_at=NOON, status=201
    )
    return [member, member.team, member.user, token, rule, kept]


def _of_change(change: ChangeRequest) -> list[Model]:
    plan, revision = change.plan, change.revision
    assert plan is not None
    assert revision is not None
    event = AuditEvent.objects.order_by("sequence").first()
    assert event is not None
    return [
        plan,
        revision,
        revision.edits.get(),
        change.contributors.get(),
        plan.touches.get(),
        plan.steps.get(),
        plan.checks.get(),
        event,
        event.stream,
    ]


def _definitions(team: Team, cluster: Cluster, gateway: Gateway) -> list[Model]:
    pool = HardwarePool.objects.create(team=team, name="h100", cluster=cluster, **DEFINITION)
    model = ServedModel.objects.create(team=team, name="qwen", served_name="qwen", **DEFINITION)
    placement = Placement.objects.create(
        served_model=model,
        pool=pool,
        cluster=cluster,
        namespace="llm-chat",
        object_name="qwen-1",
        replicas=1,
        ready_within=timedelta(hours=1),
    )
    route = Route.objects.create(
        team=team,
        name="chat",
        gateway=gateway,
        namespace="llm-chat",
        hostname="chat.example.com",
        path_prefix="/v1",
        object_name="chat",
        **DEFINITION,
    )
    return [
        pool,
        model,
        placement,
        route,
        RouteMember.objects.create(route=route, placement=placement, weight=1),
        PublicName.objects.create(gateway=gateway, route=route, name="qwen"),
    ]


def _trial(house: House) -> Trial:
    return Trial.objects.create(
        user=house[User],
        route=house[Route],
        secret_hash="0" * 64,
        session_hash="0" * 64,
        prompt_hash="0" * 64,
        made_at=NOON,
        expires_at=LATER,
    )


def _pushed(house: House) -> list[Model]:
    step = house[PlanStep]
    push = Push.objects.create(
        change=house[ChangeRequest], plan=house[Plan], cluster=house[Cluster], started_at=NOON
    )
    desired = DesiredObject.objects.create(
        cluster=house[Cluster],
        team=house[Team],
        definition_kind="served-model",
        definition_id=uuid4(),
        phase=1,
        body=step.body,
        hash=step.body_hash,
        plan=house[Plan],
        step=step,
        push=push,
        **OBJECT,
    )
    return [push, desired, PushOutcome.objects.create(push=push, step=step)]


def _seen(house: House) -> list[Model]:
    cluster = house[Cluster]
    inventory = Inventory.objects.create(
        cluster=cluster,
        uid="uid-1",
        team=house[Team],
        definition_id=uuid4(),
        entered_at=NOON,
        **OBJECT,
    )
    live = LiveObject.objects.create(
        cluster=cluster, uid="uid-1", seen_at=NOON, changed_at=NOON, **OBJECT
    )
    watch = WatchState.objects.create(
        cluster=cluster, namespace="llm-chat", kind="ConfigMap", synced_at=NOON, heard_at=NOON
    )
    reading = Reading.objects.create(
        cluster=cluster,
        subject_kind="route",
        subject_id=uuid4(),
        signal="first-token",
        value=1,
        source="probe",
        at=NOON,
    )
    entry = OutboxEntry.objects.create(
        topic="changes.plan", key="key-1", due_at=NOON, created_at=NOON
    )
    source = MetricsSource.objects.create(
        cluster=cluster, url="https://10.0.0.1", entered_at=NOON, asked_at=LATER, read_at=NOON
    )
    return [inventory, live, watch, reading, entry, source]


Fresh = Callable[[House], dict[str, Any]]
OTHER_OBJECT = {"name": "object-1"}

FRESH: dict[type[Model], Fresh] = {
    User: lambda _: {"username": "somebody"},
    Team: lambda _: {"name": "somebodies"},
    Membership: lambda _: {"environment": "stage"},
    Token: lambda _: {"prefix": "prefix-2"},
    IdempotentRequest: lambda _: {"key": "key-2"},
    AuditEvent: lambda _: {"sequence": 99},
    Contributor: lambda _: {"user": UserFactory.create()},
    Revision: lambda _: {"number": 2},
    Edit: lambda _: {"ordinal": 1, "definition_id": uuid4()},
    Cluster: lambda _: {"name": "another", "identity": "another"},
    Grant: lambda _: {"namespace": "another"},
    Gateway: lambda _: {"name": "another"},
    EgressRange: lambda _: {"cidr": "192.0.2.0/24"},
    Inventory: lambda _: {"uid": "uid-2"},
    LiveObject: lambda _: OTHER_OBJECT,
    WatchState: lambda _: {"kind": "Pod"},
    Plan: lambda _: {"number": 2, "hash": "1" * 64},
    PlanTouch: lambda _: {"environment": "stage"},
    PlanStep: lambda _: {"ordinal": 1, **OTHER_OBJECT},
    PlanCheck: lambda _: {"ordinal": 1},
    Decision: lambda _: {"sequence": 2},
    HardwarePool: lambda _: {"name": "another"},
    ServedModel: lambda _: {"name": "another"},
    Placement: lambda house: {
        "object_name": "another",
        "pool": HardwarePool.objects.create(
            team=house[Team], name="next", cluster=house[Cluster], **DEFINITION
        ),
    },
    Route: lambda _: {"name": "another", "path_prefix": "/v2"},
    RouteMember: lambda house: {"route": _route(house)},
    PublicName: lambda _: {"name": "another"},
    Trial: lambda _: {"secret_hash": "1" * 64},
    DesiredObject: lambda _: OTHER_OBJECT,
    Push: lambda _: {"cluster": ClusterFactory.create()},
    PushOutcome: lambda house: {"step": _step(house)},
    OutboxEntry: lambda _: {"key": "key-2"},
}
"""By table: what a copy of its row must have otherwise."""


def _route(house: House) -> Model:
    return another(house[Route], name="next", path_prefix="/v3")


def _step(house: House) -> Model:
    return another(house[PlanStep], ordinal=5, name="object-5")


def copied(row: Model, **changes: Any) -> Model:
    """A new row, not saved, with the values of `row` but for `changes`."""
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.local_fields
        if not field.primary_key
    }
    made = type(row)(**values)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def another(row: Model, **changes: Any) -> Model:
    """Saved around everything that models and actions do."""
    made = copied(row, **changes)
    type(row)._base_manager.bulk_create([made])
    return made


__all__ = ["FRESH", "House", "another", "copied", "furnish"]
