"""The tables of `clusters`."""

from inference.clusters.models.clusters import (
    Cluster,
    ClusterCredential,
    EgressRange,
    Gateway,
    Grant,
)
from inference.clusters.models.inventory import Inventory
from inference.clusters.models.live_objects import LiveObject, WatchState
from inference.clusters.models.metrics_sources import MetricsSource

__all__ = [
    "Cluster",
    "ClusterCredential",
    "EgressRange",
    "Gateway",
    "Grant",
    "Inventory",
    "LiveObject",
    "MetricsSource",
    "WatchState",
]
