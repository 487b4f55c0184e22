"""Lists: at a version, and page by page with tokens that show the moment of the first page."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from dataclasses import dataclass

from inference.simulator.api.selection import Selection
from inference.simulator.errors import ApiError, Cause, Object, bad_request
from inference.simulator.events import ADDED
from inference.simulator.resources import Resource
from inference.simulator.shelves import Key
from inference.simulator.store import Store

_TOO_OLD_PAGE = (
    "The provided continue parameter is too old to display a consistent list result. "
    "You can start a new list without the continue parameter, or use the continue token "
    "in this response to retrieve the remainder of the results. Continuing with the "
    "provided token results in an inconsistent list - objects that were created, modified, "
    "or deleted between the time the first chunk was returned and now may show up in the "
    "list."
)
_TOO_OLD_LIST = (
    "The resourceVersion for the provided list is too old. You can start a new list without "
    "the resourceVersion parameter."
)
_ANEW = -1
"""The version in a token that goes on with what is there now."""


@dataclass(frozen=True, slots=True)
class Page:
    """`remaining` is None where nothing is left, or where a selection hides how much is."""

    items: list[Object]
    version: int
    token: str = ""
    remaining: int | None = None


def read_version(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise bad_request(f'invalid resource version "{text}": not a number')
    return int(text)


def check_not_ahead(store: Store, version: int) -> None:
    """A version that is yet to come is waited for, in vain."""
    if version > store.revision:
        message = f"Too large resource version: {version}, current: {store.revision}"
        cause = Cause("ResourceVersionTooLarge", "Too large resource version")
        details = {"causes": [cause.entry()], "retryAfterSeconds": 1}
        raise ApiError(504, "Timeout", message, details=details, headers={"Retry-After": "1"})


def page(
    store: Store,
    resource: Resource,
    selection: Selection,
    *,
    limit: int = 0,
    token: str = "",
    version: str = "",
    match: str = "",
) -> Page:
    if token and version not in {"", "0"}:
        raise bad_request("specifying resource version is not allowed when using continue")
    after, at = _resume(token) if token else (None, _begin(store, version, match, limit))
    if version == "0" and not token:
        # Any version will do: what a server has at hand it gives whole.
        limit = 0
    if at == _ANEW:
        at = store.revision
    objects = snapshot(store, resource, at)
    if objects is None:
        raise _expired(after if token else None)
    keys = sorted(key for key in objects if selection.holds(objects[key]))
    start = bisect_right(keys, after) if after else 0
    shown = keys[start : start + limit] if limit else keys[start:]
    items = [objects[key] for key in shown]
    left = len(keys) - start - len(shown)
    if not left:
        return Page(items, at)
    following = _token(at, shown[-1])
    return Page(items, at, following, None if selection else left)


def snapshot(store: Store, resource: Resource, version: int) -> dict[Key, Object] | None:
    """The objects of a kind as they were at a version; None where that is forgotten."""
    objects = store.at_once(resource)
    if version >= store.revision:
        return objects
    events = store.history.since(resource.shelf, version)
    if events is None:
        return None
    for event in reversed(events):
        metadata = event.object["metadata"]
        key = (metadata.get("namespace", ""), metadata["name"])
        if event.type == ADDED:
            objects.pop(key, None)
        elif event.previous is not None:
            objects[key] = store.in_version(resource, event.previous)
    return objects


def _begin(store: Store, version: str, match: str, limit: int) -> int:
    if version in {"", "0"}:
        return _ANEW
    wanted = read_version(version)
    check_not_ahead(store, wanted)
    is_exact = match == "Exact" or (bool(limit) and not match)
    return wanted if is_exact else _ANEW


def _token(version: int, last: Key) -> str:
    told = {"v": "meta.k8s.io/v1", "rv": version, "start": f"{last[0]}/{last[1]}\0"}
    return urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()


def _resume(token: str) -> tuple[Key, int]:
    try:
        told = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        namespace, _, name = told["start"].rstrip("\0").partition("/")
        return (namespace, name), int(told["rv"])
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError):
        message = "invalid continue token: continue key is not valid: it is not well formed"
        raise bad_request(message) from None


def _expired(after: Key | None) -> ApiError:
    refused = ApiError(410, "Expired", _TOO_OLD_LIST if after is None else _TOO_OLD_PAGE)
    if after is not None:
        refused.metadata = {"continue": _token(_ANEW, after)}
    return refused
