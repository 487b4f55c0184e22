"""A change from its edit to its first token, through REST alone, told step by step."""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from console.demo.clusters import LOOPBACK, DemoCluster
from console.demo.people import TEAM, Person
from console.demo.rest import Refused, Rest
from inference.health.probing import Target, ask
from inference.messages import sentence

PATIENCE = 180.0
REQUESTS = 40
STABLE, CANARY = 3, 1


class WalkFailed(Exception):
    """A step did not come to its end; says which, and what the API said last."""


@dataclass
class Walk:
    """The people's views of one API, and a clock."""

    platform: Rest
    author: Rest
    approver: Rest
    say: Callable[[str], None]
    began: float

    def tell(self, text: str) -> None:
        self.say(f"{time.monotonic() - self.began:7.2f} s  {text}")

    def wait(self, what: str, look: Callable[[], Any]) -> Any:
        """What `look` gives as soon as it gives something. Raises WalkFailed in the end."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(0.1)
        raise WalkFailed(f"waited {PATIENCE:.0f} s for {what}")


def walk(
    address: str,
    people: dict[str, Person],
    clusters: Sequence[DemoCluster],
    say: Callable[[str], None],
) -> None:
    """Raises WalkFailed or Refused where the way ends."""
    one = Walk(
        platform=Rest(address, people["platform"].token),
        author=Rest(address, people["author"].token),
        approver=Rest(address, people["approver"].token),
        say=say,
        began=time.monotonic(),
    )
    _connect(one, clusters)
    number = _propose(one, clusters)
    _decide(one, number)
    _arrive(one, number)
    _first_tokens(one, clusters)
    for cluster in clusters:
        _shares(one, cluster)


def _connect(one: Walk, clusters: Sequence[DemoCluster]) -> None:
    one.platform.post("/egress-ranges/", {"cidr": "127.0.0.0/8", "reason": "clusters of a demo"})
    for cluster in clusters:
        connection = cluster.prepared.connection
        body = {
            "server": connection.server,
            "ca_pem": connection.ca_pem,
            "token": connection.token,
        }
        one.platform.post(
            "/clusters/", {"name": cluster.name, "environment": "prod", "connection": body}
        )
        grant = {"cluster": cluster.name, "team": TEAM, "namespace": cluster.namespace}
        one.platform.post("/grants/", grant)
        place = {"namespace": "gateway-system", "name": cluster.prepared.gateway}
        one.platform.post(
            "/gateways/",
            {"cluster": cluster.name, **place, "listener": cluster.prepared.listener},
        )
        found = one.wait(f"cluster {cluster.name}", partial(_reached, one, cluster.name))
        one.tell(f"cluster {cluster.name} is connected: Kubernetes {found['kubernetes']}")


def _reached(one: Walk, name: str) -> Any:
    found = one.platform.get(f"/clusters/{name}/")
    if found["problem"]:
        raise WalkFailed(f"cluster {name}: {found['problem']}")
    return found if found["identity"] else None


def _propose(one: Walk, clusters: Sequence[DemoCluster]) -> int:
    edits = [edit for cluster in clusters for edit in _edits(cluster)]
    change = one.author.post(
        "/change-requests/",
        {
            "team": TEAM,
            "title": "Serve Qwen3 with a canary",
            "reason": "The chat team asks for it",
            "edits": edits,
        },
    )
    number = int(change["id"])
    one.tell(f"author drafted change #{number}: {len(edits)} definitions")
    one.author.post(f"/change-requests/{number}/submit/", version=change["version"])
    reviewed = one.wait("a plan", lambda: _in(one.author, number, "in-review", "draft"))
    if reviewed["state"] == "draft":
        raise WalkFailed(f"it could not be planned: {reviewed['problem']}")
    plan = one.author.get(f"/change-requests/{number}/plan/")
    red = [check for check in plan["checks"] if check["state"] == "red"]
    if red:
        raise WalkFailed(f"the plan has red checks: {red}")
    one.tell(f"plan {plan['hash'][:8]} is in review: {_counts(reviewed)}")
    return number


def _edits(cluster: DemoCluster) -> list[dict[str, Any]]:
    """A pool, a model of two replicas, its canary of one, and the route over both."""
    pool = f"h100-{cluster.name}"
    stable, canary = f"qwen3-{cluster.name}", f"qwen3-next-{cluster.name}"
    gateway = {
        "cluster": cluster.name,
        "namespace": "gateway-system",
        "name": cluster.prepared.gateway,
    }
    members = [
        {"model": stable, "pool": pool, "weight": STABLE},
        {"model": canary, "pool": pool, "weight": CANARY},
    ]
    return [
        _create("hardware-pool", pool, _pool(cluster.name)),
        _create("served-model", stable, _model(pool, replicas=2)),
        _create("served-model", canary, _model(pool, replicas=1)),
        _create(
            "route",
            f"chat-{cluster.name}",
            {"gateway": gateway, "hostname": _hostname(cluster), "members": members},
        ),
    ]


def _create(kind: str, name: str, document: dict[str, Any]) -> dict[str, Any]:
    return {"verb": "create", "kind": kind, "name": name, "document": document}


def _pool(cluster: str) -> dict[str, Any]:
    return {
        "cluster": cluster,
        "accelerator": {"vendor": "nvidia", "product": "H100 NVL", "memory_mib": 95830},
        "resource": "nvidia.com/gpu",
        "devices_per_node": 8,
        "node_selector": {"nvidia.com/gpu.product": "NVIDIA-H100-NVL"},
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
    }


def _model(pool: str, *, replicas: int) -> dict[str, Any]:
    return {
        "weights": "hf://Qwen/Qwen3-32B",
        "served_names": ["qwen3-32b"],
        "parallelism": {"tensor": 2},
        "context_length": 32768,
        "placements": [{"id": str(uuid.uuid4()), "pool": pool, "replicas": replicas}],
    }


def _hostname(cluster: DemoCluster) -> str:
    return f"chat.{cluster.name}.example.com"


def _decide(one: Walk, number: int) -> None:
    plan = one.approver.get(f"/change-requests/{number}/plan/")
    body = {"plan_hash": plan["hash"]}
    try:
        one.author.post(f"/change-requests/{number}/approve/", body)
    except Refused as refusal:
        one.tell(f"author may not approve it: {refusal.problem.get('detail')}")
    else:
        raise WalkFailed("the author approved a change of their own")
    one.approver.post(f"/change-requests/{number}/approve/", body)
    one.tell(f"approver approved plan {plan['hash'][:8]}")


def _arrive(one: Walk, number: int) -> None:
    applied = one.wait(
        "the push", lambda: _in(one.author, number, "verifying", "succeeded", "partial", "failed")
    )
    one.tell(f"every object was accepted: {applied['state']}")
    ended = one.wait("readiness", lambda: _in(one.author, number, "succeeded", "partial", "failed"))
    if ended["state"] != "succeeded":
        raise WalkFailed(f"change #{number} ended as {ended['state']}: {ended['problem']}")
    one.tell("engines, pickers and routes are ready")


def _in(rest: Rest, number: int, *states: str) -> Any:
    change = rest.get(f"/change-requests/{number}/")
    return change if change["state"] in states else None


def _first_tokens(one: Walk, clusters: Sequence[DemoCluster]) -> None:
    wanted = len(clusters)
    readings = one.wait("first tokens", lambda: _tokens(one, wanted))
    for reading in readings.values():
        one.tell(f"first token through the gateway after {reading['value']} ms")


def _tokens(one: Walk, wanted: int) -> dict[str, Any] | None:
    """The newest successful probe of each route, once every route has one."""
    page = one.author.get("/readings/?signal=first-token")
    found = {row["subject_id"]: row for row in page["items"] if row["value"] is not None}
    return found if len(found) >= wanted else None


def _shares(one: Walk, cluster: DemoCluster) -> None:
    """Requests of our own through the gateway: each member answers its share."""
    target = _target(one, cluster)
    answers = [ask(target, [LOOPBACK]) for _ in range(REQUESTS)]
    failed = [answer for answer in answers if answer.milliseconds is None]
    if failed:
        code = failed[0].message.code if failed[0].message else ""
        raise WalkFailed(
            f"{len(failed)} of {REQUESTS} requests got no token: {sentence(code, failed[0].params)}"
        )
    replicas = Counter(str((answer.params or {}).get("replica", "")) for answer in answers)
    shares = Counter[str]()
    for replica, count in replicas.items():
        shares["canary" if "-next-" in replica else "stable"] += count
    text = ", ".join(f"{name} {count}" for name, count in sorted(shares.items()))
    expected = REQUESTS * CANARY / (STABLE + CANARY)
    if any(replicas) and not 0 < shares["canary"] < REQUESTS / 2:
        raise WalkFailed(f"{REQUESTS} requests went {text}; about {expected:.0f} were the canary's")
    one.tell(f"{REQUESTS} requests through {cluster.name}: {text or 'all answered'}")


def _target(one: Walk, cluster: DemoCluster) -> Target:
    page = one.platform.get(f"/live-objects/?cluster={cluster.name}&kind=Gateway")
    wanted = cluster.prepared.gateway
    summary = next(row["summary"] for row in page["items"] if row["name"] == wanted)
    return Target(
        address=summary["addresses"][0],
        port=summary["listeners"][0]["port"],
        is_tls=False,
        hostname=_hostname(cluster),
        path_prefix="",
        model="qwen3-32b",
    )


def _counts(change: dict[str, Any]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(change["checks"].items()))
