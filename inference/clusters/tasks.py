"""Looking at a cluster: is it the one that was connected, what does it serve, does it answer?"""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from inference import events, outbox
from inference.clusters import capabilities
from inference.clusters.client.door import ClusterClient
from inference.clusters.client.errors import ClusterUnavailable, ManifestRejected
from inference.clusters.connecting import connect
from inference.clusters.models import Cluster, LiveObject
from inference.errors import Refusal
from inference.failpoints import declare, failpoint
from inference.messages import connecting as messages
from inference.outbox import Later

declare("cluster.before_seen")

EVERY = timedelta(minutes=10)
AGAIN = timedelta(seconds=30)
GONE_KEPT_FOR = timedelta(days=7)


@outbox.handler("clusters.probe")
def probe(key: str) -> Later | None:
    """Write down identity and capabilities, or why there are none. Ends when it is removed."""
    cluster = Cluster.objects.present().filter(pk=key).first()
    if cluster is None:
        return None
    now = timezone.now()
    try:
        found = look(cluster, connect(cluster), at=now)
    except (ClusterUnavailable, ManifestRejected, Refusal) as problem:
        found = {"problem_code": problem.message.code, "problem_params": problem.params}
    try:
        is_so = _write(cluster, found)
    except IntegrityError:
        # It was pinned under another name meanwhile: whoever looks again finds that one.
        is_so = False
    if not is_so:
        return Later(seconds=0)
    return Later(seconds=(AGAIN if found["problem_code"] else EVERY).total_seconds())


@transaction.atomic
def _write(cluster: Cluster, found: dict[str, Any]) -> bool:
    """False where the cluster has moved on: another door may have answered."""
    is_so = Cluster.objects.filter(pk=cluster.pk, version=cluster.version).update(**found)
    _forget_what_is_long_gone(cluster)
    events.announce(f"cluster:{cluster.pk}")
    failpoint("cluster.before_seen")
    return bool(is_so)


def _forget_what_is_long_gone(cluster: Cluster) -> None:
    """Each rollout leaves pods behind. What we wrote is kept: that it is gone is drift."""
    gone = LiveObject.objects.filter(cluster=cluster, gone_at__lt=Now() - GONE_KEPT_FOR)
    gone.exclude(owner_uid="").delete()


def look(cluster: Cluster, client: ClusterClient, *, at: datetime) -> dict[str, Any]:
    """The fields of a cluster that answers. Two requests and discovery.

    Raises Refusal when another cluster answers, or one that is connected under another name.
    """
    identity = client.identity()
    if cluster.identity and identity != cluster.identity:
        raise Refusal(messages.IDENTITY_CHANGED, was=cluster.identity, now=identity)
    twin = Cluster.objects.present().filter(identity=identity).exclude(pk=cluster.pk).first()
    if twin:
        raise Refusal(messages.CLUSTER_KNOWN, name=twin.name)
    return {
        "identity": identity,
        "capabilities": capabilities.to_row(client.discover()),
        "capabilities_at": at,
        "contacted_at": at,
        "problem_code": "",
        "problem_params": {},
    }
