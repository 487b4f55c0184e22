"""Bodies of writes: from bytes to an object that its kind can hold, strictly where asked.

What is unknown or stands there twice is refused (`Strict`), warned of (`Warn`) or passed over.
"""

import json
from collections.abc import Iterator
from typing import Any

import yaml

from inference.simulator.conforming import Repeated, drop_nulls, leftovers, misfit
from inference.simulator.errors import ApiError, Cause, Object, bad_request, invalid
from inference.simulator.resources import Resource

STRICT, WARN = "Strict", "Warn"
YAML = "application/yaml"
_LONGEST_QUOTE = 30


class _Loader(yaml.CSafeLoader):
    """Times stay as they are written: JSON has none."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def decode(
    body: bytes, media: str, resource: Resource, validation: str = WARN
) -> tuple[Object, list[str]]:
    """An object that was posted or put, and what to warn of. Raises ApiError, 400."""
    try:
        value, repeated = (_read_yaml if media == YAML else _read_json)(body)
        told = _meant(resource, value)
        why, found = _conform(resource, value, repeated, validation)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise _unrecognized(resource, body, _problem(error)) from None
    if why:
        raise bad_request(f"{told}: {why}")
    return value, found


def _meant(resource: Resource, value: Any) -> str:
    """How a refusal begins. Raises ValueError for no object, ApiError for another kind."""
    if not isinstance(value, dict):
        raise ValueError("the value is no object")
    api_version = value.setdefault("apiVersion", resource.api_version)
    kind = value.setdefault("kind", resource.kind)
    said = f'{kind} in version "{str(api_version).rpartition("/")[2]}"'
    told = f"{said} cannot be handled as a {resource.kind}"
    if (api_version, kind) != (resource.api_version, resource.kind):
        raise bad_request(f"{told}: converting ({api_version}, {kind}): unknown conversion")
    return told


def _conform(
    resource: Resource, obj: Object, repeated: Repeated, validation: str
) -> tuple[str, list[str]]:
    """Why the object cannot be held, and what to warn of."""
    drop_nulls(resource, obj)
    why = misfit(resource, obj)
    found = [] if why else leftovers(resource, obj, repeated)
    if found and validation == STRICT:
        why = f"strict decoding error: {', '.join(found)}"
    return why, found if validation == WARN else []


def decode_applied(body: bytes, validation: str = WARN) -> tuple[Object, list[str]]:
    """What is applied, and what to warn of; fields that nobody knows are found when it is typed."""
    try:
        value, repeated = _read_yaml(body)
        lines = list(_repeated_lines(yaml.compose(body, Loader=_Loader))) if repeated else []
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        why = f"error converting YAML to JSON: {_problem(error)}"
        raise bad_request(f"error decoding YAML: {why}") from None
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise bad_request("error decoding YAML: error unmarshaling JSON: the value is no object")
    if lines and validation == STRICT:
        listed = "\n".join(f"  {line}" for line in lines)
        raise bad_request(
            "error strict decoding YAML: error converting YAML to JSON: "
            f"yaml: unmarshal errors:\n{listed}"
        )
    if value.get("metadata") is None:
        value.pop("metadata", None)
    return value, lines if validation == WARN else []


def conform_patched(
    resource: Resource, obj: Object, validation: str = WARN
) -> tuple[Object, list[str]]:
    """What a patch has made of an object, and what to warn of. Raises ApiError, 422."""
    why, found = _conform(resource, obj, {}, validation)
    if why:
        told = json.dumps(json.dumps(obj, separators=(",", ":")))
        cause = Cause("FieldValueInvalid", f"Invalid value: {told}: {why}", "patch")
        raise invalid("", "", "", [cause])
    return obj, found


def _read_json(body: bytes) -> tuple[Any, Repeated]:
    repeated: dict[int, tuple[str, ...]] = {}

    def read(pairs: list[tuple[str, Any]]) -> Object:
        obj = dict(pairs)
        if len(obj) != len(pairs):
            names = [name for name, _ in pairs]
            repeated[id(obj)] = tuple(name for name in obj if names.count(name) > 1)
        return obj

    return json.loads(body, object_pairs_hook=read), repeated


def _read_yaml(body: bytes) -> tuple[Any, Repeated]:
    """JSON is YAML too, and is read faster as what it is."""
    try:
        return _read_json(body)
    except ValueError:
        value = _keys_as_text(yaml.load(body, Loader=_Loader))  # noqa: S506  (a safe loader)
    lines = tuple(_repeated_lines(yaml.compose(body, Loader=_Loader)))
    return value, {id(value): lines} if lines else {}


def _keys_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key if isinstance(key, str) else json.dumps(key): _keys_as_text(part)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_keys_as_text(part) for part in value]
    return value


def _repeated_lines(node: Any) -> Iterator[str]:
    if isinstance(node, yaml.SequenceNode):
        for part in node.value:
            yield from _repeated_lines(part)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, part in node.value:
        if key.value in seen:
            yield f'line {key.start_mark.line + 1}: key "{key.value}" already set in map'
        seen.add(key.value)
        yield from _repeated_lines(part)


def _problem(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"yaml: line {error.problem_mark.line + 1}: {error.problem}"
    if isinstance(error, RecursionError):
        return "exceeded max depth"
    return f"json parse error: {error}"


def _unrecognized(resource: Resource, body: bytes, why: str) -> ApiError:
    shown = body.decode(errors="replace")
    if len(shown) > _LONGEST_QUOTE:
        shown = f"{shown[:_LONGEST_QUOTE]} ..."
    return bad_request(
        f"the object provided is unrecognized (must be of type {resource.kind}): "
        f"couldn't get version/kind; {why} ({shown or '<empty>'})"
    )
