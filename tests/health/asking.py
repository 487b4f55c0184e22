"""One prompt, asked of a gateway on loopback, and all that is told of its answer."""

import asyncio
from contextlib import aclosing
from ipaddress import ip_network
from typing import Any

from inference.errors import Refusal
from inference.health.probing import Target
from inference.health.prompts import Prompt
from inference.health.streaming import Order, Told, ask
from tests.health.gateways import Behaviour, gateway

LOOPBACK = (ip_network("127.0.0.0/8"),)
PROMPT = Prompt("What is a cache for?", max_tokens=16)


def order(port: int, **more: Any) -> Order:
    at: dict[str, Any] = {
        "address": "127.0.0.1",
        "is_tls": False,
        "hostname": "chat.example.com",
        "path_prefix": "",
        "model": "qwen3",
        **{name: more.pop(name) for name in ("address", "is_tls", "path_prefix") if name in more},
    }
    return Order(Target(port=port, **at), PROMPT, **{"networks": LOOPBACK, **more})


def told(wanted: Order) -> tuple[list[Told], Refusal | None]:
    """All that is told, and how it ended if not well."""

    async def listen() -> tuple[list[Told], Refusal | None]:
        found = []
        try:
            async with aclosing(ask(wanted)) as answer:
                async for one in answer:
                    found.append(one)  # noqa: PERF401  (what came before a refusal counts)
        except Refusal as refusal:
            return found, refusal
        return found, None

    return asyncio.run(listen())


def asked(answer: bytes | Behaviour, **more: Any) -> tuple[list[Told], Refusal | None]:
    with gateway(answer) as there:
        return told(order(there.port, **more))


def text(found: list[Told]) -> str:
    return "".join(one.chunk.text for one in found)
