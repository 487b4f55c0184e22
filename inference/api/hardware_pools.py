"""Hardware pools of the reader's teams and those granted to them, with what is in use and free."""

from datetime import datetime
from typing import Annotated

from django_filters import rest_framework as filters

from inference.api.definitions import DefinitionFilter, Definitions, DefinitionShape
from inference.api.shapes import Column, Made, Reason, Row, Shape, reason
from inference.changes.pools import Capacity, of_documents
from inference.definitions.documents import HARDWARE_POOL
from inference.definitions.models import HardwarePool
from inference.definitions.specs import HardwarePoolSpec


class CapacityShape(Shape):
    """Accelerators of the nodes that the pool selects, as observers saw them at `observed_at`.

    `free_at_most` is an upper bound: pods are seen in namespaces that are granted to teams, and
    others may hold more. `placed` are held by placements, `others` by pods that Waybill did not
    place; `out_of_use` are on nodes that are closed, or out of order. Numbers are null where
    nothing is known; `problem` says why, or why they are no longer of now.
    """

    observed_at: datetime | None
    is_fresh: bool
    problem: Reason | None
    nodes: int | None
    open_nodes: int | None
    devices: int | None
    placed: int | None
    others: int | None
    out_of_use: int | None
    free_at_most: int | None
    largest_on_one_node: int | None
    unseen_namespaces: int


class HardwarePoolShape(DefinitionShape):
    cluster: Annotated[str, Column("cluster__name")]
    environment: Annotated[str, Column("cluster__environment")]
    capacity: Annotated[CapacityShape, Made()]
    document: HardwarePoolSpec


class HardwarePoolFilter(DefinitionFilter):
    cluster = filters.CharFilter(field_name="cluster__name", max_length=40)


class HardwarePools(Definitions):
    tag = "hardware-pools"
    noun = "hardware pool"
    kind = HARDWARE_POOL
    shape = HardwarePoolShape
    table = HardwarePool
    filters = HardwarePoolFilter
    needs = ("cluster_id",)

    def complete(self, rows: list[Row]) -> None:
        super().complete(rows)
        found = of_documents((row["id"], row["cluster_id"], row["document"]) for row in rows)
        for row in rows:
            row["capacity"] = capacity_of(found[row["id"]])


def capacity_of(found: Capacity) -> Row:
    """Namespaces are those of all teams, so they are counted, not named."""
    counted, blind = found.count, found.blind
    return {
        "observed_at": found.observed_at,
        "is_fresh": counted is not None and blind is None,
        "problem": reason(blind.message.code, blind.params) if blind else None,
        "nodes": len(counted.nodes) if counted else None,
        "open_nodes": counted.open_nodes if counted else None,
        "devices": counted.devices if counted else None,
        "placed": counted.placed if counted else None,
        "others": counted.others if counted else None,
        "out_of_use": counted.out_of_use if counted else None,
        "free_at_most": counted.free if counted else None,
        "largest_on_one_node": counted.largest if counted else None,
        "unseen_namespaces": len(found.unseen),
    }
