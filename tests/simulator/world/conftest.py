"""A world whose time is moved by hand, with what Waybill itself renders in it."""

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from inference.rendering.objects import RenderedObject
from inference.rendering.worlds import render
from inference.simulator.store import Store
from inference.simulator.world import World, WorldConfig
from inference.simulator.world.asgi import Message
from tests.rendering.generator import NAMESPACE, world_of

GATEWAY, PORT, HOST = "llm", 80, "chat.example.com"
Object = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)


def apart(todo: Coroutine[Any, Any, T]) -> T:
    """Run it in a thread of its own: in this one the loop of a browser may be running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, todo).result()


class Town:
    """One simulated cluster without its HTTP side."""

    def __init__(self, config: WorldConfig) -> None:
        self.store = Store()
        self.world = World(self.store, config)
        apart(self.world.start())
        self.create("v1", "Namespace", "", NAMESPACE, {})
        self.create("v1", "Namespace", "", "gateway-system", {})
        for secret in ("pull", "hf"):
            data = {"HF_TOKEN": "aGY=", ".dockerconfigjson": "e30="}
            self.create("v1", "Secret", NAMESPACE, secret, {"data": data})

    def create(self, api_version: str, kind: str, namespace: str, name: str, more: Object) -> None:
        metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
        self.store.create({"apiVersion": api_version, "kind": kind, "metadata": metadata, **more})

    def open_gateway(self, **listener: Any) -> None:
        allowed = {"namespaces": {"from": "All"}}
        one = {"name": "http", "port": PORT, "protocol": "HTTP", "allowedRoutes": allowed}
        spec = {"gatewayClassName": "simulated", "listeners": [{**one, **listener}]}
        version = "gateway.networking.k8s.io/v1"
        self.create(version, "Gateway", "gateway-system", GATEWAY, {"spec": spec})
        self.world.advance(1)

    def push(self, *objects: RenderedObject) -> None:
        for one in sorted(objects, key=lambda one: one.phase):
            self.store.apply(one.manifest, manager="waybill")
        self.world.advance(0)

    def get(self, api_version: str, kind: str, name: str, namespace: str = NAMESPACE) -> Object:
        return self.store.get(api_version, kind, namespace, name)

    def conditions(self, obj: Object) -> dict[str, str]:
        return {one["type"]: one["status"] for one in obj["status"]["conditions"]}

    def reasons(self, obj: Object) -> dict[str, str]:
        found = obj["status"].get("conditions") or obj["status"]["parents"][0]["conditions"]
        return {one["type"]: one["reason"] for one in found}

    def pods(self, prefix: str = "") -> list[Object]:
        found = self.store.list("v1", "Pod", NAMESPACE)
        return [one for one in found if one["metadata"]["name"].startswith(prefix)]

    def ask(self, path: str = "/v1/chat/completions", *, host: str = HOST, **body: Any) -> Answer:
        """A POST through the Gateway."""
        asked = {"messages": [{"role": "user", "content": "Say one word."}], "max_tokens": 1}
        return apart(self._ask(path, host, json.dumps({**asked, **body}).encode()))

    async def _ask(self, path: str, host: str, content: bytes) -> Answer:
        door = self.world.door("gateway-system", GATEWAY, PORT)
        assert door is not None
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(b"host", host.encode()), (b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
        await door(scope, receive, send)
        told = {name.decode(): text.decode() for name, text in sent[0]["headers"]}
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], told, content)


@pytest.fixture
def town() -> Town:
    return Town(WorldConfig(pace=0, listens=False))


def pool(**more: Any) -> Object:
    return {
        "cluster": "east",
        "accelerator": {"vendor": "nvidia", "product": "H100 NVL", "memory_mib": 95830},
        "resource": "nvidia.com/gpu",
        "devices_per_node": 8,
        "node_selector": {"nvidia.com/gpu.product": "NVIDIA-H100-NVL"},
        **more,
    }


def model(**more: Any) -> Object:
    placement = {"id": "00000000-0000-4000-8000-000000000001", "pool": "pool-0", "replicas": 2}
    return {
        "weights": "hf://Qwen/Qwen3-32B",
        "served_names": ["qwen3"],
        "parallelism": {"tensor": 2},
        "context_length": 32768,
        "placements": [placement],
        **more,
    }


def route(**more: Any) -> Object:
    return {
        "gateway": {"cluster": "east", "namespace": "gateway-system", "name": GATEWAY},
        "hostname": HOST,
        "members": [{"model": "model-0", "pool": "pool-0", "weight": 1}],
        **more,
    }


def rendered(
    *, served: frozenset[tuple[str, str]] = frozenset(), **documents: Object
) -> list[RenderedObject]:
    """What one model, its pool and its route become, in a cluster that has the kinds `served`."""
    given = {"pool": pool(), "model": model(), "route": route(), **documents}
    parts = render(*world_of(**given, served=served))
    return [one for part in parts for one in part.objects]
