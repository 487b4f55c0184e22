"""How a client finds out what is served: groups, versions and kinds, apart or in one document."""

from collections.abc import Iterable

from inference.simulator.api.reviews import REVIEWS
from inference.simulator.errors import Object, no_such_path
from inference.simulator.resources import Catalog, Resource

_DISCOVERY = "apidiscovery.k8s.io/v2"
_SUBRESOURCES: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "scale": ("autoscaling", "v1", "Scale", ("get", "patch", "update")),
    "token": ("authentication.k8s.io", "v1", "TokenRequest", ("create",)),
}
"""Parts of an object that are of another kind: group, version, kind, verbs."""
_VERBS = {
    "finalize": ("update",),
    "log": ("get",),
    "proxy": ("create", "delete", "get", "patch", "update"),
}


def versions(catalog: Catalog) -> dict[str, list[str]]:
    """The versions of each group, the preferred one first."""
    found: dict[str, list[str]] = {}
    for resource in (*catalog, *REVIEWS):
        known = found.setdefault(resource.group, [])
        if resource.version not in known:
            known.append(resource.version)
    return found


def core() -> Object:
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}],
    }


def groups(catalog: Catalog) -> Object:
    told = [_group(name, found) for name, found in versions(catalog).items() if name]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": told}


def group(catalog: Catalog, name: str) -> Object:
    """Raises ApiError, 404."""
    found = versions(catalog).get(name)
    if not name or found is None:
        raise no_such_path()
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, found)}


def resources(catalog: Catalog, group: str, version: str) -> Object:
    """Raises ApiError, 404."""
    found = [one for one in (*catalog, *REVIEWS) if (one.group, one.version) == (group, version)]
    if not found:
        raise no_such_path()
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": found[0].api_version,
        "resources": [entry for resource in found for entry in _entries(resource)],
    }


def aggregated(catalog: Catalog, *, of_core: bool) -> Object:
    items = []
    for name, found in versions(catalog).items():
        if bool(name) != of_core:
            told = [_version(catalog, name, version) for version in found]
            items.append({"metadata": {"name": name} if name else {}, "versions": told})
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": _DISCOVERY,
        "metadata": {},
        "items": items,
    }


def _group(name: str, found: Iterable[str]) -> Object:
    told = [{"groupVersion": f"{name}/{version}", "version": version} for version in found]
    return {"name": name, "versions": told, "preferredVersion": told[0]}


def _entries(resource: Resource) -> Iterable[Object]:
    entry: Object = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    yield entry
    for name in resource.subresources:
        group, version, kind, verbs = _part(resource, name)
        part: Object = {
            "name": f"{resource.plural}/{name}",
            "singularName": "",
            "namespaced": resource.namespaced,
            "kind": kind,
            "verbs": list(verbs),
        }
        if group:
            part |= {"group": group, "version": version}
        yield part


def _part(resource: Resource, name: str) -> tuple[str, str, str, tuple[str, ...]]:
    usual = ("", "", resource.kind, _VERBS.get(name, ("get", "patch", "update")))
    return _SUBRESOURCES.get(name, usual)


def _version(catalog: Catalog, group: str, version: str) -> Object:
    found = [one for one in (*catalog, *REVIEWS) if (one.group, one.version) == (group, version)]
    told = [_resource(resource) for resource in found]
    return {"version": version, "resources": told, "freshness": "Current"}


def _resource(resource: Resource) -> Object:
    told: Object = {
        "resource": resource.plural,
        "responseKind": _kind(resource.group, resource.version, resource.kind),
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        told["shortNames"] = list(resource.short_names)
    if resource.categories:
        told["categories"] = list(resource.categories)
    parts = []
    for name in resource.subresources:
        group, version, kind, verbs = _part(resource, name)
        response = _kind(group or resource.group, version or resource.version, kind)
        parts.append({"subresource": name, "responseKind": response, "verbs": list(verbs)})
    if parts:
        told["subresources"] = parts
    return told


def _kind(group: str, version: str, kind: str) -> Object:
    return {"group": group, "version": version, "kind": kind}
