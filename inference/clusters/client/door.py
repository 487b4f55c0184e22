"""The door to one cluster: applies stored bytes, reads, lists, deletes and asks who we are.

Every method raises ClusterUnavailable or ManifestRejected and nothing else. `deadline` is an
instant of the monotonic clock; a request ends there or at the timeout of its kind.
"""

import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from inference.clusters.client import kinds, listing, refusals, standing
from inference.clusters.client.answers import Answer, json_object
from inference.clusters.client.caller import Caller
from inference.clusters.client.connection import TIMEOUTS, Connection, Timeouts
from inference.clusters.client.discovery import Capabilities
from inference.clusters.client.egress import Network, Resolve
from inference.clusters.client.errors import ManifestRejected, Rejected
from inference.clusters.client.kinds import Resource
from inference.clusters.client.limits import RequestWindow
from inference.clusters.client.listing import PAGE, Page
from inference.clusters.client.refusals import Asked
from inference.clusters.client.stored_bytes import with_uid
from inference.clusters.client.transport import Transport
from inference.manifests import Manifest, ObjectRef

FIELD_MANAGER = "waybill"
_APPLY = {"Content-Type": "application/apply-patch+yaml"}


@dataclass(frozen=True, slots=True)
class Applied:
    """`created`: the object was not there before. `object`: what the server made of it."""

    created: bool
    object: Manifest


@dataclass(frozen=True, slots=True)
class Token:
    """A short-lived credential of a ServiceAccount."""

    token: str = field(repr=False)
    expires_at: datetime


class ClusterClient:
    """Safe to use from many threads. Close it when the connection is replaced."""

    def __init__(
        self,
        connection: Connection,
        *,
        allowed_networks: Iterable[str | Network] = (),
        timeouts: Timeouts = TIMEOUTS,
        resolve: Resolve = socket.getaddrinfo,
        window: RequestWindow | None = None,
    ) -> None:
        self.window = window or RequestWindow()
        self._caller = Caller(
            Transport(
                connection, allowed_networks=allowed_networks, timeouts=timeouts, resolve=resolve
            ),
            self.window,
        )
        self._capabilities: Capabilities | None = None

    def close(self) -> None:
        self._caller.close()

    def apply(
        self,
        ref: ObjectRef,
        body: bytes,
        *,
        uid: str | None = None,
        force: bool = False,
        dry_run: bool = False,
        deadline: float | None = None,
    ) -> Applied:
        """Server-side apply of the stored bytes. Safe to repeat.

        With `uid`, an object that is gone or was created anew is refused (UID_MISMATCH).
        """
        query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        if force:
            query["force"] = "true"
        if dry_run:
            query["dryRun"] = "All"
        answer = self._about(
            ref,
            "PATCH",
            query=query,
            headers=_APPLY,
            body=with_uid(body, uid) if uid else body,
            deadline=deadline,
        )
        return Applied(answer.status == HTTPStatus.CREATED, json_object(answer))

    def get(self, ref: ObjectRef, *, deadline: float | None = None) -> Manifest | None:
        """The object, with its managedFields; None where it does not exist."""
        answer = self._about(ref, "GET", absent_is_fine=True, deadline=deadline)
        return json_object(answer) if refusals.is_success(answer) else None

    def delete(
        self,
        ref: ObjectRef,
        uid: str,
        resource_version: str | None = None,
        *,
        dry_run: bool = False,
        deadline: float | None = None,
    ) -> bool:
        """Delete precisely this object, dependents in the background. False: it was gone."""
        preconditions = {"uid": uid}
        if resource_version:
            preconditions["resourceVersion"] = resource_version
        options: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": preconditions,
            "propagationPolicy": "Background",
        }
        if dry_run:
            # In the body, because a server that is sent options does not look at the query: a dry
            # run asked for there would delete.
            options["dryRun"] = ["All"]
        answer = self._about(ref, "DELETE", body=options, absent_is_fine=True, deadline=deadline)
        return refusals.is_success(answer)

    def pages(
        self,
        resource: Resource,
        namespace: str = "",
        *,
        labels: str = "",
        limit: int = PAGE,
        deadline: float | None = None,
    ) -> Iterator[Page]:
        """Page by page, for collections that need not be held in memory.

        Raises ClusterUnavailable(LIST_EXPIRED) where the rest is lost; forget what came before.
        """
        return listing.pages(
            self._caller, resource, namespace, labels=labels, limit=limit, deadline=deadline
        )

    def list(
        self,
        resource: Resource,
        namespace: str = "",
        *,
        labels: str = "",
        limit: int = PAGE,
        deadline: float | None = None,
    ) -> Page:
        """The whole collection, never a part of it."""
        return listing.whole(
            self._caller, resource, namespace, labels=labels, limit=limit, deadline=deadline
        )

    def discover(self, *, deadline: float | None = None) -> Capabilities:
        self._capabilities = standing.discover(self._caller, deadline)
        return self._capabilities

    def identity(self, *, deadline: float | None = None) -> str:
        """The UID of the namespace kube-system: it is pinned when a cluster is connected."""
        return standing.identity(self._caller, deadline)

    def check_identity(self, pinned: str, *, deadline: float | None = None) -> None:
        """Raises ClusterUnavailable(IDENTITY_CHANGED) where another cluster answers."""
        standing.check_identity(self._caller, pinned, deadline)

    def ready(self, *, deadline: float | None = None) -> None:
        """Raises ClusterUnavailable unless the server says that it is ready."""
        standing.check_ready(self._caller, deadline)

    def can_i(
        self,
        verb: str,
        group: str,
        plural: str,
        *,
        namespace: str = "",
        name: str = "",
        subresource: str = "",
        deadline: float | None = None,
    ) -> bool:
        """Whether the credential allows it, as the cluster itself says."""
        return standing.can_i(
            self._caller,
            verb,
            group,
            plural,
            namespace=namespace,
            name=name,
            subresource=subresource,
            deadline=deadline,
        )

    def request_token(
        self, namespace: str, account: str, lifetime: timedelta, *, deadline: float | None = None
    ) -> Token:
        """A new token of a ServiceAccount. The server may make its life shorter than asked."""
        return Token(*standing.request_token(self._caller, namespace, account, lifetime, deadline))

    def resource(self, ref: ObjectRef, *, deadline: float | None = None) -> Resource:
        """Where the kind of `ref` lives; kinds that Waybill does not know are discovered.

        Raises ManifestRejected(KIND_NOT_SERVED).
        """
        found = kinds.known(ref)
        if found is None:
            seen = self._capabilities
            found = seen.resource(ref.api_version, ref.kind) if seen else None
        if found is None:
            found = self.discover(deadline=deadline).resource(ref.api_version, ref.kind)
        if found is None:
            raise ManifestRejected(
                Rejected.KIND_NOT_SERVED, resource=ref.kind, api_version=ref.api_version
            )
        return found

    def _about(self, ref: ObjectRef, method: str, *, deadline: float | None, **how: Any) -> Answer:
        """Rights are bound in a namespace, so one that is gone looks as if they were missing."""
        resource = self.resource(ref, deadline=deadline)
        if not ref.name or (resource.is_namespaced and not ref.namespace):
            raise ManifestRejected(Rejected.MALFORMED, f"{ref} lacks its name or namespace")
        path = resource.path(ref.namespace, ref.name)
        asked = Asked(method.lower(), resource.plural, ref.api_version, ref.namespace, ref.name)
        try:
            return self._caller.call(method, path, asked, deadline=deadline, **how)
        except ManifestRejected as refusal:
            is_unsure = refusal.reason is Rejected.FORBIDDEN and ref.namespace
            if is_unsure and standing.lacks_namespace(self._caller, ref.namespace, deadline):
                missing = Rejected.NAMESPACE_MISSING
                raise ManifestRejected(missing, namespace=ref.namespace) from None
            raise
