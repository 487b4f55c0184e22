"""Bodies of requests: from bytes to an object that belongs where it was sent."""

import json
from typing import Any

import orjson
import yaml

from inference.simulator.api.calls import JSON, Call
from inference.simulator.api.negotiation import unknown_format
from inference.simulator.errors import ApiError, Object, bad_request
from inference.simulator.resources import Resource

YAML = "application/yaml"
LARGEST = 3 * 1024 * 1024


def check_size(call: Call) -> None:
    """Raises ApiError, 413."""
    if len(call.body) > LARGEST:
        message = f"Request entity too large: limit is {LARGEST}"
        raise ApiError(413, "RequestEntityTooLarge", message)


def parsed(call: Call) -> Object:
    """The object in a body that was posted or put. Raises ApiError, 400 or 415."""
    if call.media not in {"", JSON, YAML}:
        raise unknown_format()
    try:
        value = yaml_value(call.body) if call.media == YAML else orjson.loads(call.body)
    except (orjson.JSONDecodeError, yaml.YAMLError, RecursionError) as error:
        raise bad_request(f"error decoding the body: {error}") from None
    if not isinstance(value, dict):
        raise bad_request("the body is no object")
    obj: Object = without_nulls(value)
    return obj


def applied(call: Call) -> Object:
    """The object in an apply: YAML, of which JSON is a part."""
    try:
        value = yaml_value(call.body)
    except (yaml.YAMLError, RecursionError) as error:
        raise bad_request(f"error decoding YAML: {error}") from None
    if not isinstance(value, dict):
        raise bad_request("error decoding YAML: the body is no object")
    obj: Object = without_nulls(value)
    return obj


def patch_value(call: Call) -> Any:
    try:
        return orjson.loads(call.body)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"error decoding patch: {error}") from None


def yaml_value(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return yaml.load(body, Loader=yaml.CSafeLoader)


def repeated_keys(body: bytes) -> list[str]:
    """The keys that stand twice in one object of a JSON body, in their order."""
    found: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for key, _ in items:
            if key in seen:
                found.append(key)
            seen.add(key)

    try:
        json.loads(body, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return []
    return found


def without_nulls(value: Any) -> Any:
    """To an API server a member that is null is a member that is not there."""
    if isinstance(value, dict):
        return {key: without_nulls(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [without_nulls(part) for part in value]
    return value


def check_kind(resource: Resource, obj: Object) -> None:
    api_version, kind = obj.get("apiVersion"), obj.get("kind")
    if not kind or not api_version:
        word = "Kind" if not kind else "apiVersion"
        raise bad_request(f"Object '{word}' is missing in '{json.dumps(obj)[:200]}'")
    if (api_version, kind) != (resource.api_version, resource.kind):
        raise bad_request(
            f'the API version in the data ({api_version}, kind "{kind}") does not match the '
            f'expected API version ({resource.api_version}, kind "{resource.kind}")'
        )


def check_applied(resource: Resource, obj: Object) -> None:
    """As `check_kind`, for an apply, which says besides nothing of who owns what."""
    check_kind(resource, obj)
    metadata = obj.get("metadata") or {}
    if metadata.get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")


def settle(resource: Resource, obj: Object, namespace: str, name: str) -> None:
    """Put in the name and the namespace of the URL; raises where the object says others."""
    metadata = obj.setdefault("metadata", {})
    if name and metadata.setdefault("name", name) != name:
        raise bad_request(
            f"the name of the object ({metadata['name']}) does not match "
            f"the name on the URL ({name})"
        )
    if resource.namespaced and metadata.setdefault("namespace", namespace) != namespace:
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
