"""What controllers would say on a server that has none, written by an administrator."""

from typing import Any

from inference.clusters.client import kinds
from inference.clusters.client.kinds import Resource
from inference.manifests import Manifest
from tests.contract.samples import named
from tests.delivery.peer import Peer

GATEWAYS = "gateway-system"
GATEWAY = "llm"
MANAGER = "controllers"
DEPLOYMENT, ROUTE = (
    next(one for one in kinds.WRITTEN if one.kind == kind) for kind in ("Deployment", "HTTPRoute")
)
DOOR = kinds.GATEWAY


def open_gateway(peer: Peer) -> None:
    """A Gateway with an address, programmed by its controller."""
    peer.admit(GATEWAYS)
    listener = {"name": "http", "port": 80, "protocol": "HTTP"}
    spec = {"gatewayClassName": "controllers", "listeners": [listener]}
    made = peer.apply(named(DOOR.api_version, DOOR.kind, GATEWAYS, GATEWAY, spec=spec), MANAGER)
    status = {
        "addresses": [{"type": "IPAddress", "value": "10.0.0.1"}],
        "conditions": _true(made, "Accepted", "Programmed"),
    }
    _say(peer, DOOR, made, status)


def follow(peer: Peer, *, routes: bool = True) -> None:
    """Say of Deployments, and of routes, that they are as their specs ask; none has replicas."""
    for item in peer.items(DEPLOYMENT):
        _say(peer, DEPLOYMENT, item, {"observedGeneration": item["metadata"]["generation"]})
    for item in peer.items(ROUTE) if routes else ():
        parent = {
            "parentRef": {"name": GATEWAY, "namespace": GATEWAYS},
            "controllerName": "waybill.test/controllers",
            "conditions": _true(item, "Accepted", "ResolvedRefs"),
        }
        _say(peer, ROUTE, item, {"parents": [parent]})


def _say(peer: Peer, resource: Resource, item: Manifest, status: dict[str, Any]) -> None:
    metadata = item["metadata"]
    place, name = metadata["namespace"], metadata["name"]
    obj = named(resource.api_version, resource.kind, place, name, status=status)
    answer = peer.root.apply(obj, manager=MANAGER, subresource="status", force="true")
    assert answer.status == 200, answer.content


def _true(item: Manifest, *kinds: str) -> list[dict[str, Any]]:
    return [
        {
            "type": kind,
            "status": "True",
            "reason": kind,
            "message": "",
            "lastTransitionTime": "2026-06-01T12:00:00Z",
            "observedGeneration": item["metadata"]["generation"],
        }
        for kind in kinds
    ]
