"""What is live about a cluster: whether it answers, who watches it, what runs there, and drift."""

from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone

from inference.accounts.models import User
from inference.clusters import capabilities
from inference.clusters.models import Cluster, Gateway, MetricsSource
from inference.definitions.documents import SERVED_MODEL
from inference.definitions.models import Placement
from inference.delivery import drift
from inference.live import Feed, topic
from inference.messages import clusters as messages
from inference.messages import connecting, sentence
from inference.observation import freshness
from inference.observation.ladder import Blind
from inference.web.badges import Badge
from inference.web.drifts import advice_of, hands_of, line_of
from inference.web.placements import again_of, standing_of
from inference.web.sight import Sight
from inference.web.streams import Live, live, observed, rendered

CLUSTER = "cluster"
EVERY = 1.0
"""Seconds: every pod of every team flows into this page."""
PARTS = {
    "answer": "clusters/answer.html",
    "signals": "clusters/signals.html",
    "metrics": "clusters/metrics.html",
    "drift": "definitions/drift.html",
    "standing": "clusters/standing.html",
}
NOWHERE = "-"
"""The namespace of what lives in none, in notices."""
ANSWERING = {
    messages.CREDENTIAL_EXPIRED.code: "Not let in",
    connecting.CLUSTER_KNOWN.code: "Known already",
    connecting.IDENTITY_CHANGED.code: "Another one",
    messages.IDENTITY_CHANGED.code: "Another one",
}
"""What is wrong with one that does answer."""


def live_of(cluster: Cluster) -> Live:
    return live(f"{CLUSTER}:{cluster.pk}", parts=PARTS)


def badge_of(cluster: Cluster) -> Badge:
    """Whether it answers, and what it said last."""
    if cluster.problem_code:
        text = sentence(cluster.problem_code, cluster.problem_params)
        return Badge("is-bad", "bad", ANSWERING.get(cluster.problem_code, "Does not answer"), text)
    if cluster.contacted_at is None:
        return Badge("is-off", "unknown", "Unknown", "A worker has yet to look at it.", True)
    since = cluster.contacted_at.isoformat(timespec="seconds")
    if cluster.state == Cluster.State.HELD:
        line = f"It is observed, and nothing is pushed. Last contact at {since}."
        return Badge("is-warn", "held", "Held", line)
    return Badge("is-ok", "ok", "Answers", f"Last contact at {since}.")


def page_of(cluster: Cluster, sight: Sight) -> dict[str, Any]:
    """What is shown of it to all who have this sight."""
    hands = hands_of(drift.of_teams(sight.teams, cluster.name))
    namespaces = _namespaces(cluster, sight)
    blind = _blind(cluster, namespaces)
    mine = Placement.objects.filter(cluster=cluster, served_model__team__in=sight.ids)
    source = MetricsSource.objects.defer("wrapped_key", "sealed").filter(cluster=cluster).first()
    return {
        "cluster": cluster,
        "badge": badge_of(cluster),
        "kinds": sorted(capabilities.served(cluster.capabilities)),
        "version": cluster.capabilities.get("version", ""),
        "credential": _credential(cluster),
        "source": source,
        "source_problem": sentence(source.problem_code, source.problem_params) if source else "",
        "namespaces": len(namespaces),
        "blind": blind,
        "hands": hands,
        "advice": advice_of(hands),
        "drifted": line_of(hands),
        "placements": standing_of(mine),
        "now": timezone.now(),
    }


@topic(CLUSTER)
def cluster(user: User, key: str) -> Feed | None:
    sight = Sight.of(user)
    if not sight.clusters.filter(pk=key).exists():
        return None
    identity = UUID(key)
    also = partial(_notices, identity, sight)
    show = partial(_parts, identity, sight)
    return Feed(also(), show, sight.audience, also=also, every=EVERY)


def _notices(identity: UUID, sight: Sight) -> frozenset[str]:
    found = {f"{CLUSTER}:{identity}", f"metrics:{identity}", observed(identity, NOWHERE)}
    granted = sight.grants.filter(cluster=identity).values_list("namespace", flat=True)
    found |= {observed(identity, namespace) for namespace in granted}
    placed = Placement.objects.live().filter(cluster=identity, served_model__team__in=sight.ids)
    models = placed.values_list("served_model", flat=True)
    return frozenset(found | {f"{SERVED_MODEL}:{one}" for one in models})


def _parts(identity: UUID, sight: Sight) -> dict[str, str]:
    row = sight.clusters.filter(pk=identity).first()
    if row is None:
        return {}
    page = page_of(row, sight)
    return rendered(PARTS, page, again_of(page["placements"]))


def _namespaces(cluster: Cluster, sight: Sight) -> set[str]:
    granted = sight.grants.filter(cluster=cluster).values_list("namespace", flat=True)
    gateways = Gateway.objects.filter(cluster=cluster, removed_at__isnull=True)
    return {*granted, *gateways.values_list("namespace", flat=True)}


def _blind(cluster: Cluster, namespaces: set[str]) -> Blind | None:
    """Why some of it cannot be seen now, or None where an observer looks at all of it."""
    seen = freshness.views((cluster.pk, one) for one in sorted(namespaces))
    for _, view in sorted(seen.items()):
        if not view.watched:
            return next(iter(view.blind_to("Pod").values()))
        for reason in view.blind.values():
            return reason
    return None


def _credential(cluster: Cluster) -> dict[str, Any] | None:
    """How old it is and until when it holds: never what it is."""
    names = ("credential__kind", "credential__replaced_at", "credential__expires_at")
    rows = Cluster.objects.filter(pk=cluster.pk, credential__isnull=False).values_list(*names)
    found = rows.first()
    return dict(zip(names, found, strict=True)) if found else None
