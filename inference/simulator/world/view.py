"""Reading a store without copying: what comes out belongs to the store and is never changed."""

from collections.abc import Iterator

from inference.simulator.errors import ApiError, Object
from inference.simulator.resources import Resource
from inference.simulator.store import Store
from inference.simulator.world.identities import is_controlled_by, key_of

_GATEWAY = "gateway.networking.k8s.io"
VERSIONS = {
    "Deployment": "apps/v1",
    "ReplicaSet": "apps/v1",
    "PodDisruptionBudget": "policy/v1",
    "EndpointSlice": "discovery.k8s.io/v1",
    "Lease": "coordination.k8s.io/v1",
    "Role": "rbac.authorization.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "ClusterRole": "rbac.authorization.k8s.io/v1",
    "ClusterRoleBinding": "rbac.authorization.k8s.io/v1",
    "GatewayClass": f"{_GATEWAY}/v1",
    "Gateway": f"{_GATEWAY}/v1",
    "HTTPRoute": f"{_GATEWAY}/v1",
    "ReferenceGrant": f"{_GATEWAY}/v1beta1",
    "InferencePool": "inference.networking.k8s.io/v1",
    "PodMonitor": "monitoring.coreos.com/v1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
}
"""Kinds that are not here are of `v1`."""


class View:
    """A kind that the store does not serve has no objects."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def resource(self, kind: str) -> Resource | None:
        try:
            return self._store.catalog.of_kind(VERSIONS.get(kind, "v1"), kind)
        except ApiError:
            return None

    def one(self, kind: str, namespace: str, name: str) -> Object | None:
        resource = self.resource(kind)
        if resource is None:
            return None
        try:
            return self._store.peek(resource, namespace, name)
        except ApiError:
            return None

    def all(self, kind: str, namespace: str = "") -> Iterator[Object]:
        resource = self.resource(kind)
        return iter(()) if resource is None else self._store.scan(resource, namespace)

    def controlled(self, kind: str, owner: Object) -> list[Object]:
        """Those of a kind whose controller is `owner`."""
        namespace, _ = key_of(owner)
        return [one for one in self.all(kind, namespace) if is_controlled_by(one, owner)]
