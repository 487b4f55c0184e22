"""A small installation with one of everything, and more of everything where a test asks for it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from inference.accounts.models import Team, Token, User
from inference.accounts.tokens import issue
from inference.changes import actions
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest, PlanStep
from inference.clusters.models import (
    Cluster,
    EgressRange,
    Gateway,
    Grant,
    Inventory,
    LiveObject,
    WatchState,
)
from inference.definitions.documents import document_of
from inference.definitions.models import HardwarePool, Placement, PublicName, Route, ServedModel
from inference.definitions.models.routes import RouteMember
from inference.definitions.specs import HardwarePoolSpec, RouteSpec, ServedModelSpec
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.observation.models import Reading
from inference.rendering.objects import PLACEMENT
from tests.conftest import NOON
from tests.factories.changes import drafted, planned
from tests.factories.clusters import (
    ClusterFactory,
    EgressRangeFactory,
    GatewayFactory,
    GrantFactory,
)
from tests.remembered import remembered


@dataclass
class House:
    """The newest of each."""

    team: Team
    cluster: Cluster
    grant: Grant
    gateway: Gateway
    range: EgressRange
    pool: HardwarePool
    model: ServedModel
    placement: Placement
    route: Route
    draft: ChangeRequest
    change: ChangeRequest
    token: Token
    push: Push
    desired: DesiredObject
    inventory: Inventory
    live: LiveObject


@remembered
def furnish(team: Team, author: User, number: int = 0) -> House:
    """One of everything, of `team`. Numbers tell several apart."""
    cluster = ClusterFactory.create(
        name=f"east-{number}", capabilities={"version": "v1.36.2", "kinds": ["apps/v1/Deployment"]}
    )
    grant = GrantFactory.create(cluster=cluster, team=team, namespace="llm-chat")
    gateway = GatewayFactory.create(cluster=cluster)
    pool = _pool(team, cluster, number)
    model, placement = _model(team, pool, number)
    route = _route(team, gateway, model, placement, number)
    change = planned(author, cluster=cluster)
    push, desired = _push(change, model, placement)
    inventory = Inventory.objects.create(
        **_object(cluster, placement), team=team, definition_id=model.pk, entered_at=NOON, uid="u"
    )
    live = _live(cluster, placement)
    _reading(cluster, route)
    token_for(author)
    return House(
        team=team,
        cluster=cluster,
        grant=grant,
        gateway=gateway,
        range=EgressRangeFactory.create(),
        pool=pool,
        model=model,
        placement=placement,
        route=route,
        draft=drafted(author, team) if number else _draft(team, author),
        change=change,
        token=author.tokens.order_by("created_at")[0],
        push=push,
        desired=desired,
        inventory=inventory,
        live=live,
    )


POOL_DOCUMENT: dict[str, Any] = {
    "cluster": "east-0",
    "accelerator": {"vendor": "nvidia", "product": "H100", "memory_mib": 81559},
    "resource": "nvidia.com/gpu",
    "devices_per_node": 8,
}


def model_document(pool: str = "h100-0", placement: UUID | None = None) -> dict[str, Any]:
    return {
        "weights": "hf://meta-llama/Llama-3.1-8B-Instruct",
        "served_names": ["llama"],
        "placements": [{"id": str(placement or uuid4()), "pool": pool, "replicas": 2}],
    }


def token_for(user: User, *scopes: str, days: int = 30) -> str:
    at = timezone.now()
    given = set(scopes) or ({"propose"} if user.is_robot else {"propose", "approve", "administer"})
    _, text = issue(
        owner=user,
        name="test",
        scopes=given,
        expires_at=at + timedelta(days=days),
        by=user,
        at=at,
    )
    return text


def _draft(team: Team, author: User) -> ChangeRequest:
    """By the action, which looks at all definitions: once is enough."""
    edit = Proposal(verb="create", kind="hardware-pool", name="spare", document=POOL_DOCUMENT)
    return actions.draft(
        team=team, title="Spare", reason="more room", edits=[edit], by=author, at=NOON
    )


def _pool(team: Team, cluster: Cluster, number: int) -> HardwarePool:
    spec = HardwarePoolSpec.model_validate({**POOL_DOCUMENT, "cluster": cluster.name})
    return HardwarePool.objects.create(
        team=team,
        name=f"h100-{number}",
        document=document_of(spec),
        cluster=cluster,
        created_at=NOON,
        updated_at=NOON,
    )


def _model(team: Team, pool: HardwarePool, number: int) -> tuple[ServedModel, Placement]:
    identity = uuid4()
    spec = ServedModelSpec.model_validate(model_document(pool.name, identity))
    model = ServedModel.objects.create(
        team=team,
        name=f"llama-{number}",
        document=document_of(spec),
        served_name="llama",
        created_at=NOON,
        updated_at=NOON,
    )
    placement = Placement.objects.create(
        id=identity,
        served_model=model,
        pool=pool,
        cluster=pool.cluster,
        namespace="llm-chat",
        object_name=f"llama-{number}-x",
        replicas=2,
        ready_within=timedelta(hours=1),
    )
    return model, placement


def _route(
    team: Team, gateway: Gateway, model: ServedModel, placement: Placement, number: int
) -> Route:
    reference = {
        "cluster": gateway.cluster.name,
        "namespace": gateway.namespace,
        "name": gateway.name,
    }
    member = {"model": model.name, "pool": placement.pool.name}
    spec = RouteSpec.model_validate(
        {"gateway": reference, "hostname": "chat.example", "members": [member]}
    )
    route = Route.objects.create(
        team=team,
        name=f"chat-{number}",
        document=document_of(spec),
        gateway=gateway,
        namespace="llm-chat",
        hostname="chat.example",
        object_name=f"chat-{number}-x",
        created_at=NOON,
        updated_at=NOON,
    )
    RouteMember.objects.create(route=route, placement=placement, weight=1)
    PublicName.objects.create(route=route, gateway=gateway, name="llama")
    return route


def _push(
    change: ChangeRequest, model: ServedModel, placement: Placement
) -> tuple[Push, DesiredObject]:
    plan, cluster = change.plan, placement.cluster
    assert plan is not None
    push = Push.objects.create(change=change, plan=plan, cluster=cluster, started_at=NOON)
    step = PlanStep.objects.get(plan=plan)
    PushOutcome.objects.create(push=push, step=step)
    desired = DesiredObject.objects.create(
        **_object(cluster, placement),
        team=change.team,
        definition_kind="served-model",
        definition_id=model.pk,
        phase=1,
        body='{"kind":"Deployment"}',
        hash="1" * 64,
        plan=plan,
        push=push,
        step=step,
        values_hash="2" * 64,
        pushed_generation=1,
    )
    return push, desired


def _live(cluster: Cluster, placement: Placement) -> LiveObject:
    WatchState.objects.create(
        cluster=cluster, namespace="llm-chat", kind="Deployment", synced_at=NOON, heard_at=NOON
    )
    known = _object(cluster, placement)
    known.pop("placement_id")
    return LiveObject.objects.create(
        **known,
        uid="u",
        resource_version="7",
        values_hash="2" * 64,
        labels={PLACEMENT: placement.object_name},
        seen_at=NOON,
        changed_at=NOON,
    )


def _reading(cluster: Cluster, route: Route) -> None:
    Reading.objects.create(
        cluster=cluster,
        subject_kind="route",
        subject_id=route.pk,
        signal="first-token",
        value=180,
        source="probe",
        at=NOON,
    )


def _object(cluster: Cluster, placement: Placement) -> dict[str, Any]:
    return {
        "cluster": cluster,
        "group": "apps",
        "api_version": "apps/v1",
        "kind": "Deployment",
        "namespace": "llm-chat",
        "name": placement.object_name,
        "placement_id": placement.pk,
    }
