"""Deeds that share a cluster out: grants of namespaces, gateways for routes, ranges to dial."""

from datetime import datetime
from ipaddress import ip_network
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef

from inference.accounts.models import Team, Token, User
from inference.accounts.policies import check_platform, check_scope
from inference.audit.recording import record
from inference.clusters.authorities import check_ca
from inference.clusters.models import Cluster, EgressRange, Gateway, Grant, Inventory, LiveObject
from inference.errors import Conflict, Invalid
from inference.messages import connecting as messages

MANAGED_BY = "app.kubernetes.io/managed-by"


def grant(
    *,
    cluster: Cluster,
    team: Team,
    namespace: str,
    by: User,
    at: datetime,
    pull_secret: str = "",
    token_secret: str = "",
    token: Token | None = None,
) -> Grant:
    """Let `team` have objects in `namespace`. The namespace itself is somebody else's to make."""
    _check_may(by, token)
    row = Grant(
        cluster=cluster,
        team=team,
        namespace=namespace,
        pull_secret=pull_secret,
        token_secret=token_secret,
    )
    row.full_clean(validate_unique=False, validate_constraints=False)
    _check_free(row)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            _record("granted", "grant", row.pk, _name(row), by, token, at, team)
    except IntegrityError:
        _check_free(row)
        row.validate_constraints()
        raise
    return row


@transaction.atomic
def change_secrets(
    *,
    row: Grant,
    version: int,
    pull_secret: str,
    token_secret: str,
    by: User,
    at: datetime,
    token: Token | None = None,
) -> Grant:
    """Name other secrets; manifests carry their names from the next change on."""
    _check_may(by, token)
    changed = Grant.objects.filter(pk=row.pk, version=version).update(
        pull_secret=pull_secret, token_secret=token_secret, version=F("version") + 1
    )
    now = Grant.objects.get(pk=row.pk)
    if not changed:
        raise Conflict(messages.VERSION_MOVED_ON, was=version, now=now.version)
    _record("changed the secrets of", "grant", row.pk, _name(row), by, token, at, row.team)
    return now


@transaction.atomic
def revoke_grant(*, row: Grant, by: User, at: datetime, token: Token | None = None) -> None:
    """Take the namespace back. Refused while objects that Waybill manages are seen in it, or were
    made there and never looked at since. Safe to repeat."""
    _check_may(by, token)
    here: dict[str, Any] = {"cluster": row.cluster, "namespace": row.namespace}
    seen = LiveObject.objects.filter(**here)
    managed = seen.filter(gone_at__isnull=True, **{f"labels__{MANAGED_BY}": "waybill"})
    made = Inventory.objects.filter(**here, deleted_at__isnull=True)
    unseen = made.exclude(Exists(seen.filter(uid=OuterRef("uid"))))
    count = managed.count() + unseen.count()
    if count:
        raise Conflict(messages.GRANT_IN_USE, namespace=row.namespace, count=count)
    taken, _ = Grant.objects.filter(pk=row.pk).delete()
    if taken:
        _record("revoked", "grant", row.pk, _name(row), by, token, at, row.team)


def register_gateway(
    *,
    cluster: Cluster,
    namespace: str,
    name: str,
    by: User,
    at: datetime,
    listener: str = "",
    ca_pem: str = "",
    token: Token | None = None,
) -> Gateway:
    """Let routes attach to a Gateway that platform owns. `ca_pem`: whom Waybill's own requests
    trust there; empty stands for the machine's authorities."""
    _check_may(by, token)
    check_ca(ca_pem)
    row = Gateway(cluster=cluster, namespace=namespace, name=name, listener=listener, ca_pem=ca_pem)
    row.full_clean(validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            _record("registered", "gateway", row.pk, f"{cluster.name}/{row}", by, token, at)
    except IntegrityError:
        raise Conflict(
            messages.GATEWAY_REGISTERED, namespace=namespace, name=name, cluster=cluster.name
        ) from None
    return row


@transaction.atomic
def trust_gateway(
    *,
    row: Gateway,
    version: int,
    ca_pem: str,
    by: User,
    at: datetime,
    token: Token | None = None,
) -> Gateway:
    """Trust another authority at this gateway, from the next request on. Its clients do not ask
    Waybill whom they trust."""
    _check_may(by, token)
    check_ca(ca_pem)
    was = Gateway.objects.filter(pk=row.pk, version=version, removed_at__isnull=True)
    before = was.values_list("ca_pem", flat=True).first()
    changed = was.update(ca_pem=ca_pem, version=F("version") + 1)
    now = Gateway.objects.select_related("cluster").get(pk=row.pk)
    if not changed:
        raise Conflict(messages.VERSION_MOVED_ON, was=version, now=now.version)
    record(
        verb="changed the authority of",
        subject_kind="gateway",
        subject_id=row.pk,
        subject_name=f"{now.cluster.name}/{now}",
        by=by,
        token=token,
        at=at,
        before={"ca_pem": before},
        after={"ca_pem": ca_pem},
    )
    return now


@transaction.atomic
def remove_gateway(*, row: Gateway, by: User, at: datetime, token: Token | None = None) -> None:
    """Let no further route attach to it. Refused while one does. Safe to repeat."""
    _check_may(by, token)
    routes = row.routes.filter(deleted_at__isnull=True).count()
    if routes:
        raise Conflict(
            messages.GATEWAY_IN_USE, namespace=row.namespace, name=row.name, count=routes
        )
    removed = Gateway.objects.filter(pk=row.pk, removed_at__isnull=True).update(
        removed_at=at, version=F("version") + 1
    )
    if removed:
        _record("removed", "gateway", row.pk, str(row), by, token, at)


def allow_range(
    *, cidr: str, reason: str, by: User, at: datetime, token: Token | None = None
) -> EgressRange:
    """Let Waybill dial addresses of a private, loopback or link-local range."""
    _check_may(by, token)
    try:
        row = EgressRange(cidr=str(ip_network(cidr)), reason=reason)
    except ValueError:
        raise Invalid(messages.RANGE_MALFORMED, cidr=cidr) from None
    row.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            _record("allowed", "egress-range", row.pk, row.cidr, by, token, at)
    except IntegrityError:
        raise Conflict(messages.RANGE_KNOWN, cidr=row.cidr) from None
    return row


@transaction.atomic
def disallow_range(*, row: EgressRange, by: User, at: datetime, token: Token | None = None) -> None:
    """Takes effect with the next connection. Safe to repeat."""
    _check_may(by, token)
    pk = row.pk
    taken, _ = EgressRange.objects.filter(pk=pk).delete()
    if taken:
        _record("disallowed", "egress-range", pk, row.cidr, by, token, at)


def _check_free(row: Grant) -> None:
    other = (
        Grant.objects.filter(cluster=row.cluster, namespace=row.namespace)
        .select_related("team")
        .first()
    )
    if other:
        raise Conflict(
            messages.NAMESPACE_GRANTED,
            namespace=row.namespace,
            cluster=row.cluster.name,
            team=other.team.name,
        )


def _check_may(by: User, token: Token | None) -> None:
    check_platform(by)
    check_scope(token, "administer")


def _name(row: Grant) -> str:
    return f"{row.cluster.name}/{row.namespace}"


def _record(
    verb: str,
    kind: str,
    pk: object,
    name: str,
    by: User,
    token: Token | None,
    at: datetime,
    team: Team | None = None,
) -> None:
    record(
        verb=verb,
        subject_kind=kind,
        subject_id=pk,
        subject_name=name,
        by=by,
        token=token,
        at=at,
        team=team,
    )
