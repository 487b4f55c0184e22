"""The deeds of platform engineers on clusters: connect, replace a credential, hold, remove.

They are audited, and no changes: nothing here is pushed. Nothing here dials a cluster either: a
task probes it, woken at commit.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from inference import outbox
from inference.accounts.models import Token, User
from inference.accounts.policies import check_platform, check_scope
from inference.audit.recording import record
from inference.clusters.client.connection import Connection
from inference.clusters.client.egress import check_address
from inference.clusters.connecting import allowed_networks
from inference.clusters.credentials import seal
from inference.clusters.expiry import expiry_of
from inference.clusters.models import Cluster, ClusterCredential, MetricsSource
from inference.errors import Conflict, Invalid
from inference.messages import connecting as messages

PROBE = "clusters.probe"


def connect_cluster(
    *,
    name: str,
    environment: str,
    connection: Connection,
    by: User,
    at: datetime,
    title: str = "",
    token: Token | None = None,
) -> Cluster:
    """Enter a cluster and seal its credential; a probe finds out what it serves.

    Raises Conflict for a name that is taken, Invalid for an address that may not be dialled or a
    credential that has expired.
    """
    check_may_change(by, token)
    _check_connection(connection, at)
    cluster = Cluster(
        name=name,
        title=title,
        environment=environment,
        server=connection.server,
        tls_server_name=connection.tls_server_name,
        ca_pem=connection.ca_pem,
    )
    cluster.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            cluster.save(force_insert=True)
            seal(cluster, connection, version=1, at=at).save(force_insert=True)
            record_deed(cluster, "connected", by, token, at, after=_shown(cluster))
            outbox.post(PROBE, cluster.pk)
    except IntegrityError:
        if Cluster.objects.present().filter(name=name).exists():
            raise Conflict(messages.CLUSTER_NAME_TAKEN, name=name) from None
        raise
    return cluster


def replace_credential(
    *,
    cluster: Cluster,
    version: int,
    connection: Connection,
    by: User,
    at: datetime,
    token: Token | None = None,
) -> Cluster:
    """Seal another credential. A new address needs it entered anew, which is done here too.

    The pinned identity stays: at a new address must answer the same cluster.
    """
    check_may_change(by, token)
    _check_connection(connection, at)
    with transaction.atomic():
        before = _shown(cluster)
        moved = updated(
            cluster,
            version,
            server=connection.server,
            ca_pem=connection.ca_pem,
            tls_server_name=connection.tls_server_name,
            problem_code="",
            problem_params={},
        )
        old = ClusterCredential.objects.filter(cluster=cluster).first()
        credential = seal(moved, connection, version=old.version + 1 if old else 1, at=at)
        credential.save(force_update=old is not None, force_insert=old is None)
        record_deed(
            moved, "replaced the credential of", by, token, at, before=before, after=_shown(moved)
        )
        outbox.post(PROBE, cluster.pk)
    return moved


def hold(
    *, cluster: Cluster, version: int, by: User, at: datetime, token: Token | None = None
) -> Cluster:
    """Observe it, but push nothing until it is resumed."""
    return _move(cluster, version, Cluster.State.HELD, "held", by, token, at)


def resume(
    *, cluster: Cluster, version: int, by: User, at: datetime, token: Token | None = None
) -> Cluster:
    """Push to it again; what is due is looked at when it has answered the probe."""
    return _move(cluster, version, Cluster.State.ACTIVE, "resumed", by, token, at)


@transaction.atomic
def remove(
    *, cluster: Cluster, version: int, by: User, at: datetime, token: Token | None = None
) -> Cluster:
    """Forget its credential and its metrics source.

    What Waybill made there stays, and belongs to nobody from now on.
    """
    check_may_change(by, token)
    moved = updated(cluster, version, state=Cluster.State.REMOVED, removed_at=at)
    ClusterCredential.objects.filter(cluster=cluster).delete()
    MetricsSource.objects.filter(cluster=cluster).delete()
    record_deed(moved, "removed", by, token, at, before=_shown(cluster))
    return moved


@transaction.atomic
def describe(
    *,
    cluster: Cluster,
    version: int,
    title: str,
    by: User,
    at: datetime,
    token: Token | None = None,
) -> Cluster:
    """Change what people read."""
    check_may_change(by, token)
    before = _shown(cluster)
    moved = updated(cluster, version, title=title)
    record_deed(moved, "described", by, token, at, before=before, after=_shown(moved))
    return moved


@transaction.atomic
def probe_now(*, cluster: Cluster, by: User, at: datetime, token: Token | None = None) -> None:
    """Ask a worker to look at it now instead of at the next round."""
    check_may_change(by, token)
    record_deed(cluster, "asked to probe", by, token, at)
    outbox.post(PROBE, cluster.pk)


@transaction.atomic
def _move(
    cluster: Cluster,
    version: int,
    state: Cluster.State,
    verb: str,
    by: User,
    token: Token | None,
    at: datetime,
) -> Cluster:
    check_may_change(by, token)
    moved = updated(cluster, version, state=state)
    record_deed(moved, verb, by, token, at, before=_shown(cluster), after=_shown(moved))
    outbox.post(PROBE, cluster.pk)
    return moved


def updated(cluster: Cluster, version: int, **fields: Any) -> Cluster:
    """Write `fields` if the cluster is at `version`; a reader of an older one is refused."""
    changed = (
        Cluster.objects.present()
        .filter(pk=cluster.pk, version=version)
        .update(version=F("version") + 1, **fields)
    )
    now = Cluster.objects.get(pk=cluster.pk)
    if not changed:
        if now.state == Cluster.State.REMOVED:
            raise Conflict(messages.CLUSTER_IS_REMOVED, name=cluster.name)
        raise Conflict(messages.VERSION_MOVED_ON, was=version, now=now.version)
    return now


def check_may_change(by: User, token: Token | None) -> None:
    """Clusters, and what belongs to them, are for the site role `platform`. Raises NotAllowed."""
    check_platform(by)
    check_scope(token, "administer")


def _check_connection(connection: Connection, at: datetime) -> None:
    check_address(connection.server, allowed_networks())
    expires_at = expiry_of(connection)
    if expires_at and expires_at <= at:
        raise Invalid(messages.CREDENTIAL_HAS_EXPIRED, expired_at=expires_at.isoformat())


def _shown(cluster: Cluster) -> dict[str, Any]:
    """What the audit keeps: never the credential."""
    return {
        "name": cluster.name,
        "title": cluster.title,
        "environment": cluster.environment,
        "state": cluster.state,
        "server": cluster.server,
        "version": cluster.version,
    }


def record_deed(
    cluster: Cluster,
    verb: str,
    by: User,
    token: Token | None,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Enter in the audit what was done to a cluster, or to what belongs to it."""
    record(
        verb=verb,
        subject_kind="cluster",
        subject_id=cluster.pk,
        subject_name=cluster.name,
        by=by,
        token=token,
        at=at,
        before=before,
        after=after,
    )
