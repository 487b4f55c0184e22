"""What a cluster serves, as its row keeps it: the version, and `<api version>/<kind>` names."""

from collections.abc import Mapping
from typing import Any

from inference.clusters.client.discovery import Capabilities


def to_row(found: Capabilities) -> dict[str, Any]:
    """Plain JSON, in one order, so that an unchanged cluster changes no row."""
    kinds = {f"{one.resource.api_version}/{one.resource.kind}" for one in found.kinds}
    return {"version": found.version, "kinds": sorted(kinds)}


def served(row: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Pairs of api version and kind. Empty for a cluster that was never reached."""
    pairs = (name.rpartition("/") for name in row.get("kinds", []))
    return frozenset((api_version, kind) for api_version, _, kind in pairs)
