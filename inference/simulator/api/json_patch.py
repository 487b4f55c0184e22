"""JSON patches (RFC 6902) and merge patches (RFC 7386) of plain values."""

from typing import Any

from inference.simulator.errors import ApiError, bad_request
from inference.simulator.values import copied


def merge_patched(live: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(live) if isinstance(live, dict) else {}
    for name, part in patch.items():
        if part is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patched(merged.get(name), part)
    return merged


def json_patched(live: Any, operations: Any) -> Any:
    """Raises ApiError: 400 for what is no patch, 422 for one that does not fit."""
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise bad_request("error decoding patch: a JSON patch is a list of operations")
    value = copied(live)
    for operation in operations:
        try:
            value = _operate(value, operation)
        except (KeyError, IndexError, ValueError, TypeError):
            message = "the server rejected our request due to an error in our request"
            raise ApiError(422, "Invalid", message, details={}) from None
    return value


def _operate(value: Any, operation: dict[str, Any]) -> Any:
    word, path = operation["op"], _pointer(operation["path"])
    if word == "test":
        if _read(value, path) != operation.get("value"):
            raise ValueError(f"testing path {operation['path']} failed")
        return value
    if word == "add":
        return _put(value, path, operation["value"], inserts=True)
    if word == "replace":
        _read(value, path)
        return _put(value, path, operation["value"], inserts=False)
    if word == "remove":
        _remove(value, path)
        return value
    if word in {"move", "copy"}:
        source = _pointer(operation["from"])
        moved = copied(_read(value, source))
        if word == "move":
            _remove(value, source)
        return _put(value, path, moved, inserts=True)
    raise ValueError(f"unknown operation {word}")


def _pointer(path: str) -> list[str]:
    if path and not path.startswith("/"):
        raise ValueError(f"{path} is no path")
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _read(value: Any, path: list[str]) -> Any:
    for part in path:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def _put(value: Any, path: list[str], part: Any, *, inserts: bool) -> Any:
    if not path:
        return part
    parent = _read(value, path[:-1])
    if not isinstance(parent, list):
        parent[path[-1]] = part
    elif inserts:
        parent.insert(len(parent) if path[-1] == "-" else int(path[-1]), part)
    else:
        parent[int(path[-1])] = part
    return value


def _remove(value: Any, path: list[str]) -> None:
    parent = _read(value, path[:-1])
    if isinstance(parent, list):
        parent.pop(int(path[-1]))
    else:
        del parent[path[-1]]
