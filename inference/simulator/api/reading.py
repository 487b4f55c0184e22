"""Requests that change nothing: GET of one object, of a collection, and of what happens to it."""

import random
import time
from functools import partial

from inference.simulator.api import forms, negotiation, options, pages, scales
from inference.simulator.api.calls import Call, Reply
from inference.simulator.api.selection import selection
from inference.simulator.api.watching import Watch, Watches
from inference.simulator.errors import Object, bad_request
from inference.simulator.resources import Resource
from inference.simulator.store import Store

_SHORTEST_WATCH, _LONGEST_WATCH = 1800, 3600


class Reading:
    """Each method takes a call that is allowed already. Raises ApiError."""

    def __init__(self, store: Store, watches: Watches) -> None:
        self._store = store
        self._watches = watches

    def get(self, resource: Resource, call: Call) -> Reply:
        target = call.target
        namespace = target.namespace if resource.namespaced else ""
        obj = self._store.peek(resource, namespace, target.name)
        if target.subresource == scales.NAME:
            return Reply(scales.read(obj))
        form = negotiation.form(call.headers.get("accept", ""))
        return Reply(forms.one(form, resource, obj, time.time(), _include(call)))

    def list(self, resource: Resource, call: Call) -> Reply:
        form = negotiation.form(call.headers.get("accept", ""))
        query = call.query
        options.check_list(call)
        found = pages.page(
            self._store,
            resource,
            selection(resource, call.target.namespace, query),
            limit=_number(call, "limit"),
            token=query.get("continue", ""),
            version=query.get("resourceVersion", ""),
            match=query.get("resourceVersionMatch", ""),
        )
        metadata: Object = {"resourceVersion": str(found.version)}
        if found.token:
            metadata["continue"] = found.token
        if found.remaining is not None:
            metadata["remainingItemCount"] = found.remaining
        told = forms.several(form, resource, found.items, metadata, time.time(), _include(call))
        return Reply(told)

    def watch(self, resource: Resource, call: Call) -> Reply:
        form = negotiation.form(call.headers.get("accept", ""))
        tells_end = options.check_watch(call)
        version = call.query.get("resourceVersion", "")
        bookmarks = call.flag("allowWatchBookmarks")
        usual = random.uniform(_SHORTEST_WATCH, _LONGEST_WATCH)  # noqa: S311  (spreads the ends)
        watch = Watch(
            resource,
            selection(resource, call.target.namespace, call.query),
            form,
            bookmarks,
            _number(call, "timeoutSeconds") or usual,
            _include(call),
        )
        after: int | None = None
        if version not in {"", "0"} and not tells_end:
            after = pages.read_version(version)
        self._watches.begin(watch, after=after, tells_end=tells_end and bookmarks)
        return Reply(stream=partial(self._watches.stream, watch))


def _include(call: Call) -> str:
    return call.query.get("includeObject", "") or "Metadata"


def _number(call: Call, name: str) -> int:
    text = call.query.get(name, "") or "0"
    try:
        return max(0, int(text))
    except ValueError:
        raise bad_request(f'{name}: "{text}" is no number') from None
