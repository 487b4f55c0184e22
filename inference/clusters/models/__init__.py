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

__all__ = [
    "Cluster",
    "ClusterCredential",
    "EgressRange",
    "Gateway",
    "Grant",
    "Inventory",
    "LiveObject",
    "WatchState",
]
