"""A world worth looking at, brought about by real changes: what `make demo` opens on."""

from collections.abc import Mapping, Sequence
from typing import Any

from console.demo import deeds
from console.demo.clusters import DemoCluster
from console.demo.company import Company, WalkFailed
from console.demo.documents import create, h100, l4, mi300x, model, route, update
from console.demo.people import CHAT, SEARCH
from console.demo.worlds import let_live

CHAT_HOST, SEARCH_HOST = "chat.east.example.com", "search.west.example.com"
CHAT_ROUTE = "chat-east"
Edits = Sequence[dict[str, Any]]


def furnish(company: Company, clusters: Sequence[DemoCluster]) -> None:
    """Two teams, three pools, four models, two routes; and one change that waits for a decision.

    Raises WalkFailed, Refused or Failure where it cannot go on.
    """
    named = {cluster.name: cluster for cluster in clusters}
    for cluster in clusters:
        if cluster.simulated is not None:
            let_live(cluster.simulated)
    deeds.connect(company, clusters)
    chat = deeds.propose(
        company, CHAT, "Serve Qwen3 with a canary", "The chat team asks for it", _chat(named)
    )
    search = deeds.propose(
        company, SEARCH, "Serve Llama for search", "Summaries of results", _search(named)
    )
    for number in (chat, search):
        deeds.approve(company, number, deeds.planned(company, number))
    for number in (chat, search):
        _succeeded(company, number)
    large = deeds.propose(
        company, SEARCH, "Try DeepSeek-R1", "Does reasoning help ranking?", _large()
    )
    deeds.approve(company, large, deeds.planned(company, large))
    waiting = deeds.propose(
        company,
        CHAT,
        "Give the canary a quarter",
        "A day without errors at one in ten",
        [update("route", CHAT_ROUTE, "Chat", _chat_route(named, stable=3, canary=1))],
    )
    deeds.planned(company, waiting)
    company.tell(f"change {waiting} waits for a decision")


def _succeeded(company: Company, number: int) -> None:
    ended = deeds.until(company, number, "the end", ("succeeded", "partial", "failed"))
    if ended["state"] != "succeeded":
        raise WalkFailed(f"change {number} ended as {ended['state']}: {ended['problem']}")
    company.tell(f"change {number} succeeded: {ended['title']}")


def _chat(named: Mapping[str, DemoCluster]) -> Edits:
    """A dense model of two replicas, and the same in FP8 as its canary."""
    stable = model(
        "hf://Qwen/Qwen3-32B",
        "qwen3-32b",
        "h100-east",
        replicas=2,
        parallelism={"tensor": 2},
        context_length=32768,
        objectives={"ttft_ms": 800, "tpot_ms": 40, "availability": 9990},
    )
    canary = model(
        "hf://Qwen/Qwen3-32B-FP8",
        "qwen3-32b",
        "h100-east",
        replicas=1,
        context_length=32768,
        kv_cache_dtype="fp8",
        objectives={"ttft_ms": 800, "tpot_ms": 40, "availability": 9990},
    )
    return [
        create("hardware-pool", "h100-east", "H100 NVL in the east", h100("east")),
        create("served-model", "qwen3-32b", "Qwen3 32B", stable),
        create("served-model", "qwen3-32b-fp8", "Qwen3 32B in FP8", canary),
        create("route", CHAT_ROUTE, "Chat", _chat_route(named, stable=9, canary=1)),
    ]


def _chat_route(named: Mapping[str, DemoCluster], *, stable: int, canary: int) -> dict[str, Any]:
    members = [("qwen3-32b", "h100-east", stable), ("qwen3-32b-fp8", "h100-east", canary)]
    return route(named["east"].gateway, CHAT_HOST, members)


def _search(named: Mapping[str, DemoCluster]) -> Edits:
    """A small model with adapters on small accelerators, and a pool for a large one."""
    small = model(
        "hf://meta-llama/Llama-3.1-8B-Instruct",
        "llama-3.1-8b",
        "l4-west",
        replicas=3,
        context_length=8192,
        adapters=[
            {"name": "search-summaries", "uri": "hf://example/search-summaries"},
            {"name": "search-titles", "uri": "hf://example/search-titles"},
        ],
    )
    members = [("llama-3-1-8b", "l4-west", 1)]
    return [
        create("hardware-pool", "l4-west", "L4 in the west", l4("west")),
        create("hardware-pool", "mi300x-west", "MI300X in the west", mi300x("west")),
        create("served-model", "llama-3-1-8b", "Llama 3.1 8B", small),
        create(
            "route", "search-west", "Search", route(named["west"].gateway, SEARCH_HOST, members)
        ),
    ]


def _large() -> Edits:
    """A mixture of experts over all eight accelerators of a node, where six are free."""
    large = model(
        "hf://deepseek-ai/DeepSeek-R1",
        "deepseek-r1",
        "mi300x-west",
        replicas=1,
        parallelism={"tensor": 8, "expert": True},
        context_length=65536,
    )
    return [create("served-model", "deepseek-r1", "DeepSeek-R1", large)]
