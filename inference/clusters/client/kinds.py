"""Kinds and their places in the API: the ones Waybill writes and reads, and how URLs are built."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import quote

from inference.clusters.client.errors import ManifestRejected, Rejected
from inference.manifests import ObjectRef

_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
_SUBDOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\Z")
_VERSION = re.compile(r"v[0-9]{1,3}(?:(?:alpha|beta)[0-9]{1,3})?\Z")


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """One kind as an API server serves it."""

    group: str
    version: str
    kind: str
    plural: str
    is_namespaced: bool = True

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The URL path of one object, or of the collection where `name` is empty.

        Raises ManifestRejected for anything that is no RFC 1123 name, so that no name can lead
        to another path.
        """
        start = ("apis", self.group, self.version) if self.group else ("api", self.version)
        _check(_VERSION, self.version)
        _check(_LABEL, self.plural)
        return "/" + "/".join(
            [*start, *self._where(namespace), self.plural, *self._which(name, subresource)]
        )

    def _where(self, namespace: str) -> Iterator[str]:
        if self.group:
            _check(_SUBDOMAIN, self.group)
        if namespace:
            if not self.is_namespaced:
                raise _malformed(f"{self.kind} lives in no namespace")
            yield "namespaces"
            yield _check(_LABEL, namespace)

    def _which(self, name: str, subresource: str) -> Iterator[str]:
        if name:
            yield quote(_check(_SUBDOMAIN, name), safe="")
        if subresource:
            yield _check(_LABEL, subresource)


def _check(pattern: re.Pattern[str], segment: str) -> str:
    if not pattern.match(segment):
        raise _malformed(f"{segment[:80]!r} is no name in Kubernetes")
    return segment


def _malformed(detail: str) -> ManifestRejected:
    return ManifestRejected(Rejected.MALFORMED, detail)


def _namespaced(group: str, version: str, *kinds: tuple[str, str]) -> tuple[Resource, ...]:
    return tuple(Resource(group, version, kind, plural) for kind, plural in kinds)


WRITTEN: tuple[Resource, ...] = (
    *_namespaced(
        "",
        "v1",
        ("ConfigMap", "configmaps"),
        ("Service", "services"),
        ("ServiceAccount", "serviceaccounts"),
    ),
    *_namespaced("apps", "v1", ("Deployment", "deployments")),
    *_namespaced("policy", "v1", ("PodDisruptionBudget", "poddisruptionbudgets")),
    *_namespaced(
        "rbac.authorization.k8s.io", "v1", ("Role", "roles"), ("RoleBinding", "rolebindings")
    ),
    *_namespaced("inference.networking.k8s.io", "v1", ("InferencePool", "inferencepools")),
    *_namespaced("gateway.networking.k8s.io", "v1", ("HTTPRoute", "httproutes")),
    *_namespaced(
        "monitoring.coreos.com",
        "v1",
        ("PodMonitor", "podmonitors"),
        ("ServiceMonitor", "servicemonitors"),
    ),
)
"""What the llm-d backend and routes are made of."""

READ: tuple[Resource, ...] = (
    *_namespaced("", "v1", ("Event", "events"), ("Pod", "pods")),
    *_namespaced("apps", "v1", ("ReplicaSet", "replicasets")),
    *_namespaced("discovery.k8s.io", "v1", ("EndpointSlice", "endpointslices")),
)
"""What controllers make of it, in the same namespaces."""

NODE = Resource("", "v1", "Node", "nodes", is_namespaced=False)
NAMESPACE = Resource("", "v1", "Namespace", "namespaces", is_namespaced=False)
GATEWAY = Resource("gateway.networking.k8s.io", "v1", "Gateway", "gateways")
SERVICE_ACCOUNT = Resource("", "v1", "ServiceAccount", "serviceaccounts")
ACCESS_REVIEW = Resource(
    "authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", False
)

_ALSO_WRITTEN: tuple[Resource, ...] = (
    *_namespaced("keda.sh", "v1alpha1", ("ScaledObject", "scaledobjects")),
    *_namespaced("autoscaling", "v2", ("HorizontalPodAutoscaler", "horizontalpodautoscalers")),
    *_namespaced("serving.kserve.io", "v1alpha1", ("LLMInferenceService", "llminferenceservices")),
    *_namespaced("leaderworkerset.x-k8s.io", "v1", ("LeaderWorkerSet", "leaderworkersets")),
)
_KNOWN = {
    (one.group, one.kind): one
    for one in (*WRITTEN, *READ, *_ALSO_WRITTEN, NODE, NAMESPACE, GATEWAY)
}


def known(ref: ObjectRef) -> Resource | None:
    """The resource of a kind that needs no discovery, in the version that `ref` names."""
    return _known(ref.api_version, ref.kind)


@lru_cache(maxsize=256)
def _known(api_version: str, kind: str) -> Resource | None:
    group, _, version = api_version.rpartition("/")
    found = _KNOWN.get((group, kind))
    return replace(found, version=version) if found else None
