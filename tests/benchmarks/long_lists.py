"""Rows in thousands, of one team, for the lists that show them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.db.models import F

from inference.accounts.models import Team, User
from inference.audit.models import AuditEvent, AuditStream
from inference.changes.models import ChangeRequest, Edit, Revision
from inference.clusters.models import Cluster, Gateway, Grant
from inference.definitions.models import HardwarePool, Placement, Route, ServedModel
from inference.definitions.models.routes import RouteMember
from tests.api.house import POOL_DOCUMENT, model_document
from tests.conftest import NOON
from tests.factories.clusters import ClusterFactory, GatewayFactory


def fill(team: Team, author: User, count: int) -> None:
    """`count` of each: clusters, pools, models, routes, changes and audit events."""
    places = range(count)
    clusters = Cluster.objects.bulk_create(
        ClusterFactory.build(name=f"cluster-{place}") for place in places
    )
    Grant.objects.bulk_create(
        Grant(cluster=cluster, team=team, namespace="llm") for cluster in clusters
    )
    gateways = Gateway.objects.bulk_create(
        GatewayFactory.build(cluster=cluster) for cluster in clusters
    )
    placements = _models(team, clusters)
    _routes(team, gateways, placements)
    _changes(team, author, count)
    stream = AuditStream.objects.create(name="team:many")
    AuditEvent.objects.bulk_create(event(stream, team, author, place) for place in places)


def _models(team: Team, clusters: Sequence[Cluster]) -> list[Placement]:
    times = {"created_at": NOON, "updated_at": NOON}
    pools = HardwarePool.objects.bulk_create(
        HardwarePool(
            team=team, name=f"pool-{place}", document=POOL_DOCUMENT, cluster=cluster, **times
        )
        for place, cluster in enumerate(clusters)
    )
    models = ServedModel.objects.bulk_create(
        ServedModel(
            team=team,
            name=f"model-{place}",
            document=model_document(pool.name),
            served_name="llama",
            **times,
        )
        for place, pool in enumerate(pools)
    )
    return Placement.objects.bulk_create(
        Placement(
            served_model=model,
            pool=pool,
            cluster=pool.cluster,
            namespace="llm",
            object_name=f"{model.name}-x",
            replicas=2,
            ready_within=timedelta(hours=1),
        )
        for model, pool in zip(models, pools, strict=True)
    )


def _routes(team: Team, gateways: Sequence[Gateway], placements: Sequence[Placement]) -> None:
    routes = Route.objects.bulk_create(
        Route(
            team=team,
            name=f"route-{place}",
            document={},
            gateway=gateway,
            namespace="llm",
            hostname=f"chat-{place}.example",
            object_name=f"route-{place}-x",
            created_at=NOON,
            updated_at=NOON,
        )
        for place, gateway in enumerate(gateways)
    )
    RouteMember.objects.bulk_create(
        RouteMember(route=route, placement=placement, weight=1)
        for route, placement in zip(routes, placements, strict=True)
    )


def _changes(team: Team, author: User, count: int) -> None:
    changes = ChangeRequest.objects.bulk_create(
        ChangeRequest(
            title=f"Serve {place}", reason="asked for", team=team, author=author, created_at=NOON
        )
        for place in range(count)
    )
    revisions = Revision.objects.bulk_create(
        Revision(change=change, number=1, author=author, hash="0" * 64, created_at=NOON)
        for change in changes
    )
    Edit.objects.bulk_create(
        Edit(
            revision=revision,
            ordinal=0,
            verb=Edit.Verb.CREATE,
            team=team,
            definition_kind="route",
            definition_id=uuid4(),
            name="chat",
        )
        for revision in revisions
    )
    first = revisions[0].pk - changes[0].pk
    ChangeRequest.objects.update(revision=F("pk") + first)


def event(
    stream: AuditStream, team: Team, user: User, place: int, begun_at: datetime = NOON
) -> AuditEvent:
    """One of many, a second after the one before."""
    return AuditEvent(
        stream=stream,
        sequence=place + 1,
        at=begun_at + timedelta(seconds=place),
        actor=user,
        actor_name="viewer",
        verb="revised",
        subject_kind="change-request",
        subject_id=str(place),
        subject_name=f"#{place}",
        team=team,
        after='{"state":"draft"}',
        hash=f"{place:064x}",
    )
