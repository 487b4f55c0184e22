"""What can be asked of a cluster beside its objects: who it is, what it serves, what we may do."""

from datetime import datetime, timedelta
from typing import Any

from inference.clusters.client import discovery, kinds
from inference.clusters.client.answers import json_object
from inference.clusters.client.caller import LARGEST_LIST, Caller
from inference.clusters.client.discovery import Capabilities, ServedKind
from inference.clusters.client.errors import ClusterUnavailable, ManifestRejected, Unavailable
from inference.clusters.client.refusals import Asked, is_missing_object

IDENTITY = "kube-system"


def identity(caller: Caller, deadline: float | None) -> str:
    """The UID of the namespace that every cluster has and none ever replaces."""
    asked = Asked("get", "namespaces", "v1", name=IDENTITY)
    answer = caller.call("GET", kinds.NAMESPACE.path("", IDENTITY), asked, deadline=deadline)
    metadata = json_object(answer).get("metadata")
    uid = metadata.get("uid") if isinstance(metadata, dict) else None
    if not isinstance(uid, str) or not uid:
        raise ClusterUnavailable(Unavailable.NOT_KUBERNETES)
    return uid


def check_identity(caller: Caller, pinned: str, deadline: float | None) -> None:
    found = identity(caller, deadline)
    if found != pinned:
        raise ClusterUnavailable(Unavailable.IDENTITY_CHANGED, pinned=pinned, found=found)


def lacks_namespace(caller: Caller, name: str, deadline: float | None) -> bool:
    """Whether the cluster says that this namespace is not there. In doubt it is."""
    asked = Asked("get", kinds.NAMESPACE.plural, "v1", name=name)
    path = kinds.NAMESPACE.path("", name)
    try:
        answer = caller.call("GET", path, asked, absent_is_fine=True, deadline=deadline)
    except (ClusterUnavailable, ManifestRejected):
        return False
    return is_missing_object(answer, asked)


def check_ready(caller: Caller, deadline: float | None) -> None:
    answer = caller.call("GET", "/readyz", Asked("get", "/readyz"), deadline=deadline)
    if answer.body.strip() != b"ok":
        raise ClusterUnavailable(Unavailable.NOT_KUBERNETES)


def discover(caller: Caller, deadline: float | None) -> Capabilities:
    served: set[ServedKind] = set()
    for path in ("/api", "/apis"):
        document = _document(caller, path, deadline)
        if document.get("kind") == "APIGroupDiscoveryList":
            served |= set(discovery.aggregated(document))
            continue
        versions = ("v1",) if path == "/api" else discovery.group_versions(document)
        for api_version in versions:
            document = _document(caller, f"{path}/{api_version}", deadline)
            served |= set(discovery.of_version(api_version, document))
    release = _document(caller, "/version", deadline).get("gitVersion")
    if not isinstance(release, str) or not served:
        raise ClusterUnavailable(Unavailable.NOT_KUBERNETES)
    return Capabilities(release[:64], frozenset(served))


def can_i(
    caller: Caller,
    verb: str,
    group: str,
    plural: str,
    *,
    namespace: str,
    name: str,
    subresource: str,
    deadline: float | None,
) -> bool:
    attributes = {
        "verb": verb,
        "group": group,
        "resource": plural,
        "subresource": subresource,
        "namespace": namespace,
        "name": name,
    }
    review = {
        "apiVersion": kinds.ACCESS_REVIEW.api_version,
        "kind": kinds.ACCESS_REVIEW.kind,
        "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
    }
    asked = Asked("create", kinds.ACCESS_REVIEW.plural, kinds.ACCESS_REVIEW.api_version)
    answer = caller.call("POST", kinds.ACCESS_REVIEW.path(), asked, body=review, deadline=deadline)
    return _status(json_object(answer)).get("allowed") is True


def request_token(
    caller: Caller, namespace: str, account: str, lifetime: timedelta, deadline: float | None
) -> tuple[str, datetime]:
    request = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": int(lifetime.total_seconds())},
    }
    asked = Asked("create", "serviceaccounts/token", "v1", namespace, account)
    path = kinds.SERVICE_ACCOUNT.path(namespace, account, "token")
    status = _status(json_object(caller.call("POST", path, asked, body=request, deadline=deadline)))
    token, expires = status.get("token"), status.get("expirationTimestamp")
    try:
        expires_at = datetime.fromisoformat(str(expires))
    except ValueError:
        raise ClusterUnavailable(Unavailable.NOT_KUBERNETES) from None
    if not isinstance(token, str) or not token or expires_at.tzinfo is None:
        raise ClusterUnavailable(Unavailable.NOT_KUBERNETES)
    return token, expires_at


def _document(caller: Caller, path: str, deadline: float | None) -> dict[str, Any]:
    return json_object(
        caller.call(
            "GET",
            path,
            Asked("get", path),
            headers={"Accept": discovery.AGGREGATED, "Accept-Encoding": "gzip"},
            largest=LARGEST_LIST,
            deadline=deadline,
        )
    )


def _status(document: dict[str, Any]) -> dict[str, Any]:
    status = document.get("status")
    return status if isinstance(status, dict) else {}
