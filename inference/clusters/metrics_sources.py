"""The deeds of platform engineers on the metrics source of a cluster: enter, take away, ask now.

They are audited with the cluster, and no changes. Nothing here dials: a task asks, woken at commit.
"""

import re
from datetime import datetime
from typing import Any

from django.db import transaction

from inference import outbox
from inference.accounts.models import Token, User
from inference.clusters import sealing
from inference.clusters.actions import check_may_change, record_deed, updated
from inference.clusters.authorities import check_ca
from inference.clusters.client.egress import check_metrics, parse_web
from inference.clusters.connecting import allowed_networks
from inference.clusters.models import Cluster, MetricsSource
from inference.clusters.sealing import Sealed
from inference.errors import Invalid
from inference.messages import metrics as messages

MEASURE = "health.measure"
_TOKEN = re.compile(r"[!-~]{1,8192}\Z")


def enter_source(
    *,
    cluster: Cluster,
    version: int,
    url: str,
    by: User,
    at: datetime,
    browser_url: str = "",
    ca_pem: str = "",
    bearer: str | None = None,
    token: Token | None = None,
) -> Cluster:
    """Say where numbers are asked for. `bearer`: the token to send; None keeps the one there is.

    `browser_url`: where a person's browser finds the same, if not at `url`; it is never dialled.

    Raises Invalid for an address that may not be dialled, and for a token that would be sent in
    the clear or to another address than it was given for; Conflict if the cluster has moved on.
    """
    check_may_change(by, token)
    check_source(url, ca_pem, bearer or "", browser_url)
    with transaction.atomic():
        moved = updated(cluster, version)
        old = MetricsSource.objects.filter(cluster=cluster).first()
        before = shown(old)
        row = _entered(cluster, old, url, ca_pem, bearer, at)
        row.browser_url = browser_url.rstrip("/")
        row.save()
        record_deed(cluster, "entered the metrics source of", by, token, at, before, shown(row))
        outbox.post(MEASURE, cluster.pk)
    return moved


@transaction.atomic
def remove_source(
    *, cluster: Cluster, version: int, by: User, at: datetime, token: Token | None = None
) -> Cluster:
    """Ask no more. Its token is forgotten; what was read stays until it is old."""
    check_may_change(by, token)
    moved = updated(cluster, version)
    before = shown(MetricsSource.objects.filter(cluster=cluster).first())
    MetricsSource.objects.filter(cluster=cluster).delete()
    record_deed(cluster, "removed the metrics source of", by, token, at, before, {})
    return moved


@transaction.atomic
def ask_now(*, cluster: Cluster, by: User, at: datetime, token: Token | None = None) -> None:
    """Have a worker ask it now, so that it says what is wrong."""
    check_may_change(by, token)
    record_deed(cluster, "asked the metrics source of", by, token, at)
    outbox.post(MEASURE, cluster.pk)


def check_source(url: str, ca_pem: str = "", bearer: str = "", browser_url: str = "") -> None:
    """Raises Invalid for what cannot be asked, whoever wants it."""
    check_metrics(url, allowed_networks())
    if browser_url:
        parse_web(browser_url)
    if bearer and not _TOKEN.match(bearer):
        raise Invalid(messages.TOKEN_MALFORMED)
    if bearer and not url.startswith("https://"):
        raise Invalid(messages.TOKEN_IN_THE_CLEAR)
    check_ca(ca_pem)


def bearer_of(source: MetricsSource) -> str:
    """The token, opened; empty where there is none. For tasks alone."""
    if not source.has_token:
        return ""
    sealed = Sealed(source.key_id, bytes(source.wrapped_key), bytes(source.sealed))
    bound = _bound_to(source.cluster, source.token_version)
    return sealing.unseal(sealed, bound, source.cluster.name).decode()


def shown(source: MetricsSource | None) -> dict[str, Any]:
    """What the audit keeps: that there is a token, never which."""
    if source is None:
        return {}
    return {
        "url": source.url,
        "browser_url": source.browser_url,
        "ca_pem": source.ca_pem,
        "has_token": source.has_token,
        "token_version": source.token_version,
    }


def _entered(
    cluster: Cluster,
    old: MetricsSource | None,
    url: str,
    ca_pem: str,
    bearer: str | None,
    at: datetime,
) -> MetricsSource:
    row = MetricsSource(cluster=cluster, url=url.rstrip("/"), ca_pem=ca_pem, entered_at=at)
    row.token_version = old.token_version if old else 0
    if bearer is None and old is not None and old.has_token:
        if (old.url, old.ca_pem) != (row.url, row.ca_pem):
            raise Invalid(messages.TOKEN_NOT_KEPT)
        row.key_id, row.wrapped_key, row.sealed = old.key_id, old.wrapped_key, old.sealed
    elif bearer:
        row.token_version += 1
        made = sealing.seal(bearer.encode(), _bound_to(cluster, row.token_version))
        row.key_id, row.wrapped_key, row.sealed = made.key_id, made.wrapped_key, made.sealed
    row.full_clean(validate_unique=False, validate_constraints=False)
    return row


def _bound_to(cluster: Cluster, version: int) -> bytes:
    return f"waybill/metrics/{cluster.pk}/{version}".encode()
