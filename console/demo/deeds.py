"""What people do in a demo, each through REST: connect, propose, approve, wait."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from console.cli.rest import Rest
from console.demo.clusters import DemoCluster
from console.demo.company import Company, WalkFailed


def connect(company: Company, clusters: Sequence[DemoCluster]) -> None:
    """Platform enters each cluster, who may use it, and its gateway."""
    company.platform.post(
        "/egress-ranges/", {"cidr": "127.0.0.0/8", "reason": "clusters of a demo"}
    )
    for cluster in clusters:
        _enter(company.platform, cluster)
    for cluster in clusters:
        look = partial(_reached, company.platform, cluster.name)
        found = company.wait(f"cluster {cluster.name}", look)
        company.tell(f"cluster {cluster.name} is connected: Kubernetes {found['kubernetes']}")


def propose(
    company: Company, team: str, title: str, why: str, edits: Sequence[dict[str, Any]]
) -> int:
    """The author drafts a change and submits it. Returns its number."""
    body = {"team": team, "title": title, "reason": why, "edits": edits}
    change = company.author.post("/change-requests/", body)
    number = int(change["id"])
    company.author.post(f"/change-requests/{number}/submit/", version=change["version"])
    company.tell(f"author drafted change {number}, {title!r}: {_definitions(len(edits))}")
    return number


def planned(company: Company, number: int) -> dict[str, Any]:
    """Its plan, as soon as it is in review. Raises WalkFailed where it cannot be approved."""
    reviewed = until(company, number, "a plan", ("in-review", "draft"))
    if reviewed["state"] == "draft":
        raise WalkFailed(f"change {number} could not be planned: {reviewed['problem']}")
    plan: dict[str, Any] = company.approver.get(f"/change-requests/{number}/plan/")
    red = [check for check in plan["checks"] if check["state"] == "red"]
    if red:
        raise WalkFailed(f"the plan of change {number} has red checks: {red}")
    counts = ", ".join(f"{count} {state}" for state, count in sorted(reviewed["checks"].items()))
    company.tell(f"plan {plan['hash'][:8]} of change {number} is in review: {counts}")
    return plan


def approve(company: Company, number: int, plan: dict[str, Any]) -> None:
    company.approver.post(f"/change-requests/{number}/approve/", {"plan_hash": plan["hash"]})
    company.tell(f"approver approved plan {plan['hash'][:8]} of change {number}")


def until(company: Company, number: int, what: str, states: Collection[str]) -> dict[str, Any]:
    """The change, once it is in one of those states."""

    def look() -> dict[str, Any] | None:
        change: dict[str, Any] = company.author.get(f"/change-requests/{number}/")
        return change if change["state"] in states else None

    found: dict[str, Any] = company.wait(f"{what} of change {number}", look)
    return found


def _enter(platform: Rest, cluster: DemoCluster) -> None:
    connection = cluster.prepared.connection
    body = {
        "server": connection.server,
        "ca_pem": connection.ca_pem,
        "token": connection.token,
        "tls_server_name": connection.tls_server_name,
    }
    named = {"name": cluster.name, "title": cluster.title, "environment": cluster.environment}
    entered = platform.post("/clusters/", {**named, "connection": body})
    if cluster.metrics_url:
        source = f"/clusters/{cluster.name}/metrics-source/"
        platform.put(source, {"url": cluster.metrics_url}, version=entered["version"])
    for team, namespace in cluster.namespaces.items():
        grant = {"cluster": cluster.name, "team": team, "namespace": namespace}
        platform.post("/grants/", grant)
    platform.post("/gateways/", {**cluster.gateway, "listener": cluster.prepared.listener})


def _reached(platform: Rest, name: str) -> Any:
    found = platform.get(f"/clusters/{name}/")
    if found["problem"]:
        raise WalkFailed(f"cluster {name}: {found['problem']['detail']}")
    return found if found["identity"] and found["kubernetes"] else None


def _definitions(count: int) -> str:
    return f"{count} definitions" if count > 1 else "1 definition"
