"""Who asks: an administrator, a person, or the product's service account; over TLS, CA pinned."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3

from tests.contract.kinds import KINDS

Object = dict[str, Any]
JSON = "application/json"
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
PARTIAL = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"


@dataclass(frozen=True, slots=True)
class Credentials:
    """How somebody proves who they are: a certificate, a token, or nothing."""

    certificate: Path | None = None
    key: Path | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)

    @property
    def message(self) -> str:
        return str(self.body["message"])

    @property
    def causes(self) -> "list[tuple[str, str]]":
        """Field and reason of each cause."""
        entries = self.body.get("details", {}).get("causes", [])
        return [(entry.get("field", ""), entry["reason"]) for entry in entries]

    @property
    def version(self) -> str:
        return str(self.body["metadata"]["resourceVersion"])


@dataclass(slots=True)
class Actor:
    """One user of one API server. Requests go out as they are written; nothing is retried."""

    name: str
    url: str
    ca: Path
    credentials: Credentials
    pool: urllib3.HTTPSConnectionPool = field(init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        self.pool = urllib3.HTTPSConnectionPool(
            parts.hostname or "",
            parts.port,
            ca_certs=str(self.ca),
            cert_file=str(self.credentials.certificate) if self.credentials.certificate else None,
            key_file=str(self.credentials.key) if self.credentials.key else None,
            maxsize=4,
            retries=False,
            timeout=urllib3.Timeout(connect=5, read=20),
        )

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        media: str = JSON,
        accept: str = JSON,
        **options: str | int,
    ) -> Answer:
        url, content, headers = self._request(path, body, media, accept, options)
        answer = self.pool.urlopen(method, url, body=content, headers=headers, redirect=False)
        return Answer(answer.status, answer.headers, answer.data)

    def _request(
        self, path: str, body: Any, media: str, accept: str, options: dict[str, str | int]
    ) -> tuple[str, bytes | None, dict[str, str]]:
        query = f"?{urlencode(options)}" if options else ""
        headers = {"Accept": accept}
        if self.credentials.token:
            headers["Authorization"] = f"Bearer {self.credentials.token}"
        content: bytes | None = None
        if body is not None:
            headers["Content-Type"] = media
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return path + query, content, headers

    def apply(
        self, obj: Object, *, manager: str = "waybill", subresource: str = "", **options: str | int
    ) -> Answer:
        """Server-side apply, strict, as the product sends it."""
        return self.request(
            "PATCH",
            where(obj, subresource),
            obj,
            media=APPLY,
            **{"fieldManager": manager, "fieldValidation": "Strict", **options},
        )

    def create(self, obj: Object, **options: str | int) -> Answer:
        namespace = obj["metadata"].get("namespace", "")
        return self.request("POST", KINDS[obj["kind"]].path(namespace), obj, **options)

    def update(self, obj: Object, *, subresource: str = "", **options: str | int) -> Answer:
        return self.request("PUT", where(obj, subresource), obj, **options)

    def patch(
        self, obj: Object, patch: Any, media: str, *, subresource: str = "", **options: str | int
    ) -> Answer:
        return self.request("PATCH", where(obj, subresource), patch, media=media, **options)

    def get(self, obj: Object, *, subresource: str = "", **options: str | int) -> Answer:
        return self.request("GET", where(obj, subresource), **options)

    def delete(self, obj: Object, body: Any = None, **options: str | int) -> Answer:
        return self.request("DELETE", where(obj), body, **options)

    def list(self, kind: str, namespace: str = "", **options: str | int) -> Answer:
        return self.request("GET", KINDS[kind].path(namespace), **options)

    @contextmanager
    def watch(self, kind: str, namespace: str = "", **options: str | int) -> Iterator["Watch"]:
        path = KINDS[kind].path(namespace)
        options = {"watch": "true", **options}
        url, _, headers = self._request(path, None, JSON, JSON, options)
        answer = self.pool.urlopen("GET", url, headers=headers, preload_content=False)
        try:
            yield Watch(answer)
        finally:
            answer.close()

    def names(self, kind: str, namespace: str, **options: str | int) -> "list[str]":
        answer = self.list(kind, namespace, **options)
        return [item["metadata"]["name"] for item in answer.body["items"]]


class Watch:
    """The events of one stream, in order."""

    def __init__(self, answer: urllib3.BaseHTTPResponse) -> None:
        self.status = answer.status
        self._answer = answer

    def next(self) -> Object | None:
        """The next event, or None when the server has ended the stream."""
        line = self._answer.readline()
        return json.loads(line) if line.strip() else None

    def take(self, count: int) -> "list[tuple[str, str]]":
        """Type and name of the next events."""
        events = [self.next() for _ in range(count)]
        return [(e["type"], e["object"]["metadata"]["name"]) for e in events if e]

    def rest(self) -> list[Object]:
        return list(iter(self.next, None))


def where(obj: Object, subresource: str = "") -> str:
    metadata = obj["metadata"]
    kind = KINDS[obj["kind"]]
    return kind.path(metadata.get("namespace", ""), metadata["name"], subresource)
