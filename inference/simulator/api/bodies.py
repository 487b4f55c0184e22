"""Bodies of requests: objects that belong where they were sent."""

import json
from typing import Any

import orjson

from inference.simulator import decoding
from inference.simulator.api.calls import JSON, Call
from inference.simulator.api.negotiation import unknown_format
from inference.simulator.errors import ApiError, Cause, Object, bad_request, invalid
from inference.simulator.resources import Resource

LARGEST = 3 * 1024 * 1024


def check_size(call: Call) -> None:
    """Raises ApiError, 413."""
    if len(call.body) > LARGEST:
        message = f"Request entity too large: limit is {LARGEST}"
        raise ApiError(413, "RequestEntityTooLarge", message)


def parsed(call: Call, resource: Resource) -> Object:
    """The object in a body that was posted or put. Raises ApiError, 400 or 415."""
    if call.media not in {"", JSON, decoding.YAML}:
        raise unknown_format()
    obj, found = decoding.decode(call.body, call.media, resource, call.validation)
    call.warnings += found
    return obj


def applied(call: Call, resource: Resource) -> Object:
    """The object in an apply: YAML, of which JSON is a part."""
    obj, found = decoding.decode_applied(call.body, call.validation)
    call.warnings += found
    _check_kind(resource, obj)
    metadata = obj.get("metadata") or {}
    if metadata.get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
    return obj


def patch(call: Call) -> Any:
    try:
        return orjson.loads(call.body)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"error decoding patch: {error}") from None


def patched(call: Call, resource: Resource, obj: Object) -> Object:
    """What a patch has made of an object. Raises ApiError, 422."""
    if (obj.get("apiVersion"), obj.get("kind")) != (resource.api_version, resource.kind):
        why = f"Invalid value: a {resource.kind} becomes nothing else"
        raise invalid("", "", "", [Cause("FieldValueInvalid", why, "patch")])
    found, warnings = decoding.conform_patched(resource, obj, call.validation)
    call.warnings += warnings
    return found


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


def _check_kind(resource: Resource, obj: Object) -> None:
    api_version, kind = obj.get("apiVersion"), obj.get("kind")
    if not kind or not api_version:
        word = "Kind" if not kind else "apiVersion"
        raise bad_request(f"Object '{word}' is missing in '{json.dumps(obj)[:200]}'")
    if (api_version, kind) != (resource.api_version, resource.kind):
        raise bad_request(
            f'the API version in the data ({api_version}, kind "{kind}") does not match the '
            f'expected API version ({resource.api_version}, kind "{resource.kind}")'
        )
