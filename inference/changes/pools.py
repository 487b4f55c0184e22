"""From hardware pools to their nodes and pods as observers saw them, and what these make up."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db.models import CharField
from django.db.models.fields.json import KT, KeyTextTransform
from django.db.models.functions import Cast

from inference.capacity.counting import Held, Holding, Node, PoolCount, Taint, Wanted, count
from inference.clusters.client.errors import MESSAGES, Rejected
from inference.clusters.models import Grant, LiveObject
from inference.definitions.models import HardwarePool
from inference.messages import capacity as messages
from inference.messages import observation
from inference.observation.freshness import Scope, View, views
from inference.observation.ladder import Blind
from inference.rendering.objects import PLACEMENT

NODE, POD = "Node", "Pod"
CLUSTER = Cast("cluster", CharField())
"""As text: of many thousand rows most are of one cluster."""
OVER = {"Succeeded", "Failed"}
"""Phases in which a pod holds nothing any more."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What is known of the accelerators of a pool.

    Without a `count` nothing is, and `blind` says why; with one, `blind` says why it is as it was
    at `observed_at`, and not as it is now. `unseen`: granted namespaces whose pods were never seen.
    """

    count: PoolCount | None = None
    observed_at: datetime | None = None
    blind: Blind | None = None
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """One cluster, as far as it was seen."""

    nodes: list[Node]
    held: Held
    observed_at: datetime | None
    blind: Blind | None
    unseen: tuple[str, ...]


def capacities(pools: Iterable[HardwarePool]) -> dict[UUID, Capacity]:
    """Four queries, however many there are; none where there is no pool."""
    return of_documents((pool.pk, pool.cluster_id, pool.document) for pool in pools)


def of_documents(
    pools: Iterable[tuple[UUID, UUID, Mapping[str, object]]],
) -> dict[UUID, Capacity]:
    """By the id of a pool; each is given with its cluster and its document."""
    wanted = list(pools)
    if not wanted:
        return {}
    labels = {key for _, _, document in wanted for key in Wanted.by(document).selector}
    places = _places({cluster for _, cluster, _ in wanted}, labels)
    return {pool: _capacity(places[cluster], document) for pool, cluster, document in wanted}


def _capacity(place: _Place, document: Mapping[str, object]) -> Capacity:
    if document.get("allocation") == "dra":
        return Capacity(blind=Blind(messages.CLAIMS_NOT_COUNTED))
    if place.observed_at is None:
        return Capacity(blind=place.blind)
    found = count(Wanted.by(document), place.nodes, place.held)
    return Capacity(found, place.observed_at, place.blind, place.unseen)


def _places(clusters: set[UUID], labels: set[str]) -> dict[UUID, _Place]:
    granted: dict[UUID, set[str]] = defaultdict(set)
    for cluster, name in Grant.objects.filter(cluster__in=clusters).values_list(
        "cluster", "namespace"
    ):
        granted[cluster].add(name)
    seen = views(
        (cluster, namespace)
        for cluster in clusters
        for namespace in {"", *granted.get(cluster, set())}
    )
    nodes, holdings = _nodes(clusters, labels), _holdings(clusters, seen)
    return {
        cluster: _Place(
            nodes.get(cluster, []),
            Held(holdings.get(cluster, [])),
            *_standing(cluster, sorted(granted.get(cluster, ())), seen),
        )
        for cluster in clusters
    }


def _standing(
    cluster: UUID, namespaces: list[str], seen: Mapping[Scope, View]
) -> tuple[datetime | None, Blind | None, tuple[str, ...]]:
    """As old as the oldest part of it; unseen is what never was a part."""
    at = seen[(cluster, "")].heard_at.get(NODE)
    blind = _worded(seen[(cluster, "")].blind_to(NODE).get(NODE))
    if at is None:
        return None, blind, ()
    unseen = []
    for namespace in namespaces:
        view = seen[(cluster, namespace)]
        heard_at = view.heard_at.get(POD)
        if heard_at is None:
            unseen.append(namespace)
        else:
            at, blind = min(at, heard_at), blind or view.blind_to(POD).get(POD)
    return at, blind, tuple(unseen)


def _worded(blind: Blind | None) -> Blind | None:
    """Whose rights are missing, and that nobody has looked, is said of nodes here."""
    if blind is not None and blind.message == MESSAGES[Rejected.FORBIDDEN]:
        return Blind(messages.NODES_FORBIDDEN)
    if blind is not None and blind.message == observation.NEVER_OBSERVED:
        return Blind(messages.NODES_NOT_SEEN)
    return blind


def _nodes(clusters: set[UUID], labels: Iterable[str]) -> dict[UUID, list[Node]]:
    """With those of their labels that pools select by: there may be thousands of nodes."""
    rows = LiveObject.objects.filter(
        cluster__in=clusters, group="", kind=NODE, namespace="", gone_at__isnull=True
    )
    keys = sorted(labels)
    parts = ("conditions__Ready__status", "unschedulable", "taints", "capacity", "allocatable")
    columns = [KT(f"summary__{part}") for part in parts]
    columns += [KeyTextTransform(key, "labels") for key in keys]
    found: dict[UUID, list[Node]] = defaultdict(list)
    for cluster, name, ready, cordoned, taints, capacity, allocatable, *values in rows.values_list(
        CLUSTER, "name", *columns
    ):
        found[_uuid(cluster)].append(
            Node(
                name,
                dict(zip(keys, values, strict=True)),
                _taints(taints),
                is_ready=ready == "True",
                is_cordoned=cordoned == "true",
                capacity=_counts(capacity),
                allocatable=_counts(allocatable),
            )
        )
    return found


def _holdings(clusters: set[UUID], seen: Mapping[Scope, View]) -> dict[UUID, list[Holding]]:
    """Pods that are on a node, of the namespaces that were seen: rows of others are of the past."""
    rows = LiveObject.objects.filter(cluster__in=clusters, group="", kind=POD, gone_at__isnull=True)
    columns = [KT(f"summary__{part}") for part in ("node", "phase", "devices")]
    found: dict[UUID, list[Holding]] = defaultdict(list)
    into: dict[tuple[str, str], list[Holding] | None] = {}
    for text, namespace, node, phase, devices, placement in rows.values_list(
        CLUSTER, "namespace", *columns, KT(f"labels__{PLACEMENT}")
    ):
        if (text, namespace) not in into:
            cluster = UUID(text)
            view = seen.get((cluster, namespace))
            into[text, namespace] = found[cluster] if view and POD in view.heard_at else None
        held, counts = into[text, namespace], _counts(devices)
        if held is not None and node and counts and phase not in OVER:
            held.append(Holding(node, counts, placement or ""))
    return found


@lru_cache(maxsize=256)
def _uuid(text: str) -> UUID:
    return UUID(text)


@lru_cache(maxsize=4096)
def _counts(text: str | None) -> Mapping[str, int]:
    """Of what is alike on most nodes and pods, read once. Nobody changes it."""
    return json.loads(text) if text else {}


@lru_cache(maxsize=4096)
def _taints(text: str | None) -> tuple[Taint, ...]:
    taints = json.loads(text) if text else []
    return tuple(Taint(one["key"], one["value"], one["effect"]) for one in taints)
