"""Every address by every method: whom it answers how, and what stands in the address and body."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import URLResolver
from django.utils import timezone

from inference.api.documents import Nowhere
from inference.audit.models import AuditEvent
from tests.api.house import POOL_DOCUMENT, House

ACTORS = (
    "anonymous",
    "viewer",
    "outsider",
    "author",
    "approver",
    "admin",
    "platform",
    "robot",
    "expired",
    "revoked",
)
EDIT = {"verb": "create", "kind": "hardware-pool", "name": "more", "document": POOL_DOCUMENT}
PARTS = {"server": "https://10.1.0.1:6443", "ca_pem": "no", "token": "x"}

# Who may not see, gets 404; who sees and may not do, 403; who may do it, what the row says.
EVERYBODY = "401 200 200 200 200 200 200 200 401 401"
TEAM = "401 200 404 200 200 200 404 200 401 401"
SHARED = "401 200 404 200 200 200 200 200 401 401"
PLATFORM = "401 403 403 403 403 403 {} 403 401 401"

ROWS: dict[tuple[str, str], tuple[str, Any]] = {
    ("GET", "me"): (EVERYBODY, None),
    ("GET", "team-list"): (EVERYBODY, None),
    ("POST", "team-list"): (PLATFORM.format(201), {"name": "new"}),
    ("GET", "team-detail"): (SHARED, None),
    ("PATCH", "team-detail"): (PLATFORM.format(200), {"title": "Chat"}),
    ("GET", "person-list"): (EVERYBODY, None),
    ("POST", "person-list"): (PLATFORM.format(201), {"username": "new"}),
    ("GET", "person-detail"): ("401 200 200 200 200 200 200 200 401 401", None),
    ("PATCH", "person-detail"): (PLATFORM.format(200), {"name": "New"}),
    ("GET", "membership-list"): (EVERYBODY, None),
    ("GET", "membership-detail"): (SHARED, None),
    ("PUT", "membership-detail"): ("401 403 404 403 403 200 200 403 401 401", {"role": "editor"}),
    ("DELETE", "membership-detail"): ("401 403 404 403 403 204 204 403 401 401", None),
    ("GET", "environment-rule-list"): (EVERYBODY, None),
    ("PUT", "environment-rule-detail"): (PLATFORM.format(200), {"one_pair_of_eyes": True}),
    ("GET", "token-list"): (EVERYBODY, None),
    ("POST", "token-list"): ("401 201 201 201 201 201 201 201 401 401", "token"),
    ("GET", "token-detail"): ("401 404 404 200 404 404 200 404 401 401", None),
    ("POST", "token-revoke"): ("401 404 404 200 404 404 200 404 401 401", None),
    ("GET", "cluster-list"): (EVERYBODY, None),
    ("POST", "cluster-list"): (
        PLATFORM.format(422),
        {"name": "west", "environment": "dev", "connection": PARTS},
    ),
    ("GET", "cluster-detail"): (SHARED, None),
    ("PATCH", "cluster-detail"): (PLATFORM.format(200), {"title": "East"}),
    ("POST", "cluster-replace-credential"): (PLATFORM.format(422), {"connection": PARTS}),
    ("POST", "cluster-probe"): (PLATFORM.format(202), None),
    ("POST", "cluster-hold"): (PLATFORM.format(200), None),
    ("POST", "cluster-resume"): (PLATFORM.format(200), None),
    ("POST", "cluster-remove"): (PLATFORM.format(204), None),
    ("PUT", "cluster-metrics-source"): (
        PLATFORM.format(200),
        {"url": "https://1.1.1.1/prometheus", "token": "secret"},
    ),
    ("DELETE", "cluster-metrics-source"): (PLATFORM.format(204), None),
    ("POST", "cluster-metrics-source-check"): (PLATFORM.format(202), None),
    ("GET", "cluster-capabilities"): (SHARED, None),
    ("GET", "cluster-rbac"): (SHARED, None),
    ("GET", "grant-list"): (EVERYBODY, None),
    ("POST", "grant-list"): (
        PLATFORM.format(201),
        {"cluster": "east-0", "team": "chat", "namespace": "more"},
    ),
    ("GET", "grant-detail"): (SHARED, None),
    ("PUT", "grant-detail"): (PLATFORM.format(200), {"pull_secret": "p", "token_secret": ""}),
    ("DELETE", "grant-detail"): (PLATFORM.format(204), None),
    ("GET", "gateway-list"): (EVERYBODY, None),
    ("POST", "gateway-list"): (
        PLATFORM.format(201),
        {"cluster": "east-0", "namespace": "gateways", "name": "more"},
    ),
    ("GET", "gateway-detail"): (SHARED, None),
    ("PUT", "gateway-detail"): (PLATFORM.format(200), {"ca_pem": ""}),
    ("DELETE", "gateway-detail"): (PLATFORM.format(409), None),
    ("GET", "egress-range-list"): (PLATFORM.format(200), None),
    ("POST", "egress-range-list"): (
        PLATFORM.format(201),
        {"cidr": "192.168.0.0/16", "reason": "the lab"},
    ),
    ("GET", "egress-range-detail"): (PLATFORM.format(200), None),
    ("DELETE", "egress-range-detail"): (PLATFORM.format(204), None),
    ("GET", "hardware-pool-list"): (EVERYBODY, None),
    ("GET", "hardware-pool-detail"): (TEAM, None),
    ("GET", "hardware-pool-export"): (TEAM, None),
    ("GET", "served-model-list"): (EVERYBODY, None),
    ("GET", "served-model-detail"): (TEAM, None),
    ("GET", "served-model-export"): (TEAM, None),
    ("GET", "route-list"): (EVERYBODY, None),
    ("GET", "route-detail"): (TEAM, None),
    ("GET", "route-export"): (TEAM, None),
    ("GET", "change-request-list"): (EVERYBODY, None),
    ("POST", "change-request-list"): (
        "401 403 404 201 201 201 404 201 401 401",
        {"team": "chat", "reason": "more room", "edits": [EDIT]},
    ),
    ("GET", "change-request-detail"): (TEAM, None),
    ("GET", "change-request-edits"): (TEAM, None),
    ("PUT", "change-request-edits"): ("401 403 404 200 200 200 404 200 401 401", {"edits": [EDIT]}),
    ("POST", "change-request-submit"): ("401 403 404 202 202 202 404 202 401 401", None),
    ("POST", "change-request-approve"): ("401 403 404 403 200 200 404 403 401 401", "decision"),
    ("POST", "change-request-request-changes"): (
        "401 403 404 403 200 200 404 403 401 401",
        "decision",
    ),
    ("POST", "change-request-reject"): ("401 403 404 403 200 200 404 403 401 401", "decision"),
    ("POST", "change-request-cancel"): ("401 403 404 200 403 200 404 403 401 401", None),
    ("POST", "change-request-retry"): ("401 409 404 409 409 409 404 409 401 401", None),
    ("GET", "change-request-plan"): (TEAM, None),
    ("GET", "change-request-step-list"): (TEAM, None),
    ("GET", "change-request-step-detail"): (TEAM, None),
    ("GET", "change-request-decision-list"): (TEAM, None),
    ("GET", "push-list"): (EVERYBODY, None),
    ("GET", "push-detail"): (TEAM, None),
    ("GET", "push-outcome-list"): (TEAM, None),
    ("GET", "desired-object-list"): (EVERYBODY, None),
    ("GET", "desired-object-detail"): (TEAM, None),
    ("GET", "inventory-list"): (EVERYBODY, None),
    ("GET", "inventory-detail"): (TEAM, None),
    ("GET", "live-object-list"): (EVERYBODY, None),
    ("GET", "live-object-detail"): (SHARED, None),
    ("GET", "reading-list"): (EVERYBODY, None),
    ("GET", "audit-event-list"): (EVERYBODY, None),
    ("GET", "audit-event-detail"): (TEAM, None),
    ("GET", "openapi-json"): (EVERYBODY, None),
    ("GET", "openapi-yaml"): (EVERYBODY, None),
}


def patterns() -> Iterator[Any]:
    """Those under /api/v1/."""
    for one in get_resolver().url_patterns:
        if isinstance(one, URLResolver) and one.app_name == "api":
            yield from one.url_patterns


def offered() -> set[tuple[str, str]]:
    """Method and name of each handler."""
    found = set()
    for pattern in patterns():
        if getattr(pattern.callback, "cls", None) is Nowhere:
            continue
        methods = set(pattern.callback.actions) - {"head"}
        found |= {(method.upper(), pattern.name or "") for method in methods}
    return found


def names_in_address(route: str, house: House) -> dict[str, Any]:
    noun = route.removesuffix("-detail").removesuffix("-export")
    rows = {
        "grant": house.grant,
        "gateway": house.gateway,
        "egress-range": house.range,
        "push": house.push,
        "push-outcome-list": house.push,
        "desired-object": house.desired,
        "inventory": house.inventory,
        "live-object": house.live,
    }
    known: dict[str, dict[str, Any]] = {
        "team": {"name": "chat"},
        "person": {"username": "viewer"},
        "membership": {"team": "chat", "username": "viewer", "environment": "prod"},
        "environment-rule": {"environment": "dev"},
        "hardware-pool": {"team": "chat", "name": house.pool.name},
        "served-model": {"team": "chat", "name": house.model.name},
        "route": {"team": "chat", "name": house.route.name},
        "change-request-step": {"number": house.change.pk, "ordinal": 0},
    }
    if noun in known:
        return known[noun]
    if noun in rows:
        return {"id" if noun in {"grant", "gateway"} else "number": rows[noun].pk}
    if noun in {"token", "token-revoke"}:
        return {"id": house.token.pk}
    if noun == "audit-event":
        return {"id": AuditEvent.objects.filter(team=house.team)[0].pk}
    if (noun.startswith("cluster-") and noun != "cluster-list") or noun == "cluster":
        return {"name": house.cluster.name}
    if noun == "change-request-submit":
        return {"number": house.draft.pk}
    if noun.startswith("change-request") and noun != "change-request-list":
        return {"number": house.change.pk}
    return {}


def body_of(given: Any, house: House) -> Any:
    if given == "token":
        return {"name": "mine", "expires_at": (timezone.now() + timedelta(days=1)).isoformat()}
    if given == "decision":
        assert house.change.plan is not None
        return {"plan_hash": house.change.plan.hash, "comment": "seen"}
    return given
