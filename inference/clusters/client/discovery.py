"""What a cluster serves: kinds with their versions and verbs, from discovery documents. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from inference.clusters.client.kinds import Resource
from inference.manifests import ObjectRef

AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,"
    "application/json"
)
"""Accept header: the whole group list in one answer, from servers that can."""


@dataclass(frozen=True, slots=True)
class ServedKind:
    """One kind in one version, and what may be done with it."""

    resource: Resource
    verbs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The server's own version (`v1.36.2`) and everything that it serves."""

    version: str
    kinds: frozenset[ServedKind]

    def serves(self, api_version: str, kind: str) -> bool:
        return self.resource(api_version, kind) is not None

    def versions(self, group: str, kind: str) -> tuple[str, ...]:
        """The versions in which `kind` is served, in alphabetical order."""
        return tuple(
            sorted(
                one.resource.version
                for one in self.kinds
                if (one.resource.group, one.resource.kind) == (group, kind)
            )
        )

    def resource(self, api_version: str, kind: str) -> Resource | None:
        for one in self.kinds:
            if (one.resource.api_version, one.resource.kind) == (api_version, kind):
                return one.resource
        return None


def aggregated(document: Mapping[str, Any]) -> Iterator[ServedKind]:
    """The kinds of an `APIGroupDiscoveryList`."""
    for item in _maps(document.get("items")):
        group = str(_map(item.get("metadata")).get("name") or "")
        for version in _maps(item.get("versions")):
            name = str(version.get("version") or "")
            for resource in _maps(version.get("resources")):
                kind = _map(resource.get("responseKind")).get("kind")
                is_namespaced = resource.get("scope") == "Namespaced"
                yield from _served(
                    group, name, kind, resource.get("resource"), is_namespaced, resource
                )


def group_versions(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The `group/version`s of an `APIGroupList`, for servers without aggregated discovery."""
    return tuple(
        str(version.get("groupVersion") or "")
        for group in _maps(document.get("groups"))
        for version in _maps(group.get("versions"))
    )


def of_version(api_version: str, document: Mapping[str, Any]) -> Iterator[ServedKind]:
    """The kinds of an `APIResourceList`."""
    ref = ObjectRef(api_version, "", "", "")
    for resource in _maps(document.get("resources")):
        is_namespaced = bool(resource.get("namespaced"))
        name = resource.get("name")
        yield from _served(
            ref.group, ref.version, resource.get("kind"), name, is_namespaced, resource
        )


def _served(
    group: str, version: str, kind: Any, plural: Any, is_namespaced: bool, entry: Mapping[str, Any]
) -> Iterable[ServedKind]:
    """Nothing for subresources and for entries that an API server would not write."""
    if not (isinstance(kind, str) and isinstance(plural, str) and kind and plural):
        return
    if "/" in plural:
        return
    verbs = entry.get("verbs")
    yield ServedKind(
        Resource(group, version, kind, plural, is_namespaced),
        frozenset(verb for verb in verbs if isinstance(verb, str))
        if isinstance(verbs, list)
        else frozenset(),
    )


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
