"""`/openapi/v3`: as much of the description as kubectl asks for before it writes."""

import hashlib
from typing import Any

from inference.simulator.api.calls import dumped
from inference.simulator.api.writing import APPLY, JSON_PATCH, MERGE, STRATEGIC
from inference.simulator.errors import Object, no_such_path
from inference.simulator.resources import Catalog, Resource
from inference.simulator.structure import Schema

_OPTIONS = {
    "pretty": "string",
    "dryRun": "string",
    "fieldManager": "string",
    "fieldValidation": "string",
    "force": "boolean",
}


def index(catalog: Catalog) -> Object:
    paths: Object = {}
    for api_version in dict.fromkeys(resource.api_version for resource in catalog):
        group, slash, version = api_version.rpartition("/")
        place = f"apis/{api_version}" if slash else f"api/{api_version}"
        told = dumped(document(catalog, group, version))
        mark = hashlib.sha256(told).hexdigest()[:32].upper()
        paths[place] = {"serverRelativeURL": f"/openapi/v3/{place}?hash={mark}"}
    return {"paths": paths}


def document(catalog: Catalog, group: str, version: str) -> Object:
    """Raises ApiError, 404."""
    found = [one for one in catalog if (one.group, one.version) == (group, version)]
    if not found:
        raise no_such_path()
    paths: Object = {}
    schemas: Object = {}
    for resource in found:
        paths |= _paths(resource)
        schemas[_name(resource)] = _schema(resource)
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "unversioned"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _name(resource: Resource) -> str:
    group = resource.group or "core"
    return f"{group}.{resource.version}.{resource.kind}"


def _schema(resource: Resource) -> Schema:
    told: Schema = _published(resource.schema or {"type": "object"})
    told["x-kubernetes-group-version-kind"] = [_kind(resource)]
    return told


def _published(schema: Any) -> Any:
    """A schema with what a strategic patch wants to know of its keyed lists."""
    if isinstance(schema, list):
        return [_published(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: _published(part) for key, part in schema.items()}
    keys = schema.get("x-kubernetes-list-map-keys")
    if isinstance(keys, list) and keys:
        told["x-kubernetes-patch-merge-key"] = keys[0]
        told["x-kubernetes-patch-strategy"] = "merge"
    elif schema.get("x-kubernetes-list-type") == "set":
        told["x-kubernetes-patch-strategy"] = "merge"
    return told


def _kind(resource: Resource) -> Object:
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}


def _paths(resource: Resource) -> Object:
    root = f"/apis/{resource.api_version}" if resource.group else f"/api/{resource.api_version}"
    where = "/namespaces/{namespace}" if resource.namespaced else ""
    place = f"{root}{where}/{resource.plural}"
    return {
        place: {
            "get": _operation(resource, "list", {}),
            "post": _operation(resource, "post", _without(_OPTIONS, "force"), _content(resource)),
        },
        f"{place}/{{name}}": {
            "get": _operation(resource, "get", {}),
            "put": _operation(resource, "put", _without(_OPTIONS, "force"), _content(resource)),
            "patch": _operation(resource, "patch", _OPTIONS, _patches(resource)),
            "delete": _operation(resource, "delete", {"dryRun": "string"}),
        },
    }


def _operation(
    resource: Resource, action: str, options: dict[str, str], content: Object | None = None
) -> Object:
    told: Object = {
        "parameters": [
            {"name": name, "in": "query", "schema": {"type": kind}}
            for name, kind in options.items()
        ],
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": _kind(resource),
    }
    if content is not None:
        told["requestBody"] = {"content": content}
    return told


def _content(resource: Resource) -> Object:
    return {"*/*": {"schema": {"$ref": f"#/components/schemas/{_name(resource)}"}}}


def _patches(resource: Resource) -> Object:
    kinds = [JSON_PATCH, MERGE, *(() if resource.is_custom else (STRATEGIC,)), APPLY]
    return {kind: {"schema": {"type": "object"}} for kind in kinds}


def _without(options: dict[str, str], name: str) -> dict[str, str]:
    return {key: kind for key, kind in options.items() if key != name}
