"""Reads whole collections page by page; a list that could not be read to its end is an error."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inference.clusters.client.answers import json_object
from inference.clusters.client.caller import LARGEST_LIST, Caller
from inference.clusters.client.errors import ClusterUnavailable, Unavailable
from inference.clusters.client.kinds import Resource
from inference.clusters.client.refusals import Asked
from inference.manifests import Manifest

PAGE = 500
_MOST_PAGES = 1000
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of a collection. `resource_version` is the same on all pages of one reading."""

    items: tuple[Manifest, ...]
    resource_version: str
    next: str = ""


def pages(
    caller: Caller,
    resource: Resource,
    namespace: str,
    *,
    labels: str = "",
    limit: int = PAGE,
    deadline: float | None = None,
) -> Iterator[Page]:
    """One page after the other. Raises ClusterUnavailable(LIST_EXPIRED) when the reading took
    longer than the server remembers: what was yielded before is then not the whole."""
    path = resource.path(namespace)
    asked = Asked("list", resource.plural, resource.api_version, namespace)
    query = {"limit": str(limit)} | ({"labelSelector": labels} if labels else {})
    token = ""
    for _ in range(_MOST_PAGES):
        answer = caller.call(
            "GET",
            path,
            asked,
            query=query | ({"continue": token} if token else {}),
            headers={"Accept-Encoding": "gzip"},
            largest=LARGEST_LIST,
            deadline=deadline,
        )
        page = page_of(json_object(answer), resource)
        yield page
        if not page.next:
            return
        if page.next == token:
            break
        token = page.next
    raise ClusterUnavailable(Unavailable.NOT_KUBERNETES)


def whole(
    caller: Caller,
    resource: Resource,
    namespace: str,
    *,
    labels: str = "",
    limit: int = PAGE,
    deadline: float | None = None,
) -> Page:
    """The whole collection as of one resourceVersion; read anew when it expires under way."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            read = tuple(
                pages(caller, resource, namespace, labels=labels, limit=limit, deadline=deadline)
            )
        except ClusterUnavailable as error:
            if error.reason is not Unavailable.LIST_EXPIRED or attempt == _ATTEMPTS:
                raise
        else:
            items = tuple(item for page in read for item in page.items)
            return Page(items, read[0].resource_version)
    raise ClusterUnavailable(Unavailable.LIST_EXPIRED)


def page_of(document: dict[str, Any], resource: Resource) -> Page:
    """Raises ClusterUnavailable for what is no list of this kind: it is not an empty one."""
    metadata, items = document.get("metadata"), document.get("items")
    items = [] if items is None else items
    if (
        document.get("kind") != f"{resource.kind}List"
        or not isinstance(metadata, dict)
        or not isinstance(metadata.get("resourceVersion"), str)
        or not isinstance(items, list)
        or not all(isinstance(item, dict) for item in items)
    ):
        raise ClusterUnavailable(Unavailable.NOT_KUBERNETES)
    return Page(tuple(items), metadata["resourceVersion"], metadata.get("continue") or "")
