"""A change from its edit to its first token, through REST alone, told step by step."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from console.cli.failures import Refused
from console.demo import deeds
from console.demo.clusters import LOOPBACK, DemoCluster
from console.demo.company import Company, WalkFailed
from console.demo.documents import create, h100, model, route
from console.demo.people import CHAT
from inference.health.probing import Target, ask
from inference.messages import sentence

REQUESTS = 40
STABLE, CANARY = 3, 1
ENDED = ("succeeded", "partial", "failed")
SERVED = "qwen3-32b"


def walk(company: Company, clusters: Sequence[DemoCluster]) -> None:
    """Raises WalkFailed, or Failure of the API, where the way ends."""
    deeds.connect(company, clusters)
    edits = [edit for cluster in clusters for edit in _edits(cluster)]
    number = deeds.propose(
        company, CHAT, "Serve Qwen3 with a canary", "The chat team asks for it", edits
    )
    plan = deeds.planned(company, number)
    _refuse_the_author(company, number, plan)
    deeds.approve(company, number, plan)
    _arrive(company, number)
    _first_tokens(company, clusters)
    for cluster in clusters:
        _shares(company, cluster)


def _edits(cluster: DemoCluster) -> list[dict[str, Any]]:
    """A pool, a model of two replicas, its canary of one, and the route over both."""
    pool = f"h100-{cluster.name}"
    stable, canary = f"qwen3-{cluster.name}", f"qwen3-next-{cluster.name}"
    more = {"parallelism": {"tensor": 2}, "context_length": 32768}
    members = [(stable, pool, STABLE), (canary, pool, CANARY)]
    weights = "hf://Qwen/Qwen3-32B"
    return [
        create("hardware-pool", pool, "", h100(cluster.name)),
        create("served-model", stable, "", model(weights, SERVED, pool, replicas=2, **more)),
        create("served-model", canary, "", model(weights, SERVED, pool, replicas=1, **more)),
        create(
            "route", f"chat-{cluster.name}", "", route(cluster.gateway, _hostname(cluster), members)
        ),
    ]


def _hostname(cluster: DemoCluster) -> str:
    return f"chat.{cluster.name}.example.com"


def _refuse_the_author(company: Company, number: int, plan: dict[str, Any]) -> None:
    try:
        company.author.post(f"/change-requests/{number}/approve/", {"plan_hash": plan["hash"]})
    except Refused as refusal:
        company.tell(f"author may not approve it: {refusal}")
    else:
        raise WalkFailed("the author approved a change of their own")


def _arrive(company: Company, number: int) -> None:
    applied = deeds.until(company, number, "the push", ("verifying", *ENDED))
    company.tell(f"every object was accepted: {applied['state']}")
    ended = deeds.until(company, number, "readiness", ENDED)
    if ended["state"] != "succeeded":
        raise WalkFailed(f"change {number} ended as {ended['state']}: {ended['problem']}")
    company.tell("engines, pickers and routes are ready")


def _first_tokens(company: Company, clusters: Sequence[DemoCluster]) -> None:
    wanted = len(clusters)
    readings = company.wait("first tokens", lambda: _tokens(company, wanted))
    for reading in readings.values():
        company.tell(f"first token through the gateway after {reading['value']:.0f} ms")


def _tokens(company: Company, wanted: int) -> dict[str, Any] | None:
    """The newest successful probe of each route, once every route has one."""
    page = company.author.get("/readings/?signal=first-token")
    found = {row["subject_id"]: row for row in page["items"] if row["value"] is not None}
    return found if len(found) >= wanted else None


def _shares(company: Company, cluster: DemoCluster) -> None:
    """Requests of our own through the gateway: each member answers its share."""
    target = _target(company, cluster)
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
    company.tell(f"{REQUESTS} requests through {cluster.name}: {text or 'all answered'}")


def _target(company: Company, cluster: DemoCluster) -> Target:
    page = company.platform.get(f"/live-objects/?cluster={cluster.name}&kind=Gateway")
    wanted = cluster.prepared.gateway
    summary = next(row["summary"] for row in page["items"] if row["name"] == wanted)
    return Target(
        address=summary["addresses"][0],
        port=summary["listeners"][0]["port"],
        is_tls=False,
        hostname=_hostname(cluster),
        path_prefix="",
        model=SERVED,
    )
