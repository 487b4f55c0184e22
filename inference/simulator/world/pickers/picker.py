"""An endpoint picker in a container: reads its configuration, needs its rights, and picks."""

import json
import time
from collections import OrderedDict
from dataclasses import dataclass

from inference.simulator.errors import Object
from inference.simulator.world.asgi import Receive, Scope, Send, answer
from inference.simulator.world.engines.loads import Loads
from inference.simulator.world.pickers import access
from inference.simulator.world.pickers.configuration import (
    DEFAULT,
    BadConfiguration,
    Configuration,
    configuration_of,
)
from inference.simulator.world.pickers.counting import Counting
from inference.simulator.world.pickers.flags import BadFlags, flags_of, is_on
from inference.simulator.world.pickers.picking import Endpoint, pick
from inference.simulator.world.pickers.pool import places_of, seen
from inference.simulator.world.prefixes import Prefixes, blocks_of
from inference.simulator.world.processes import Process
from inference.simulator.world.view import View

VERSION = "v1.5.0"
_BLOCK_CHARACTERS, _BLOCKS_PER_ENDPOINT, _MOST_ENDPOINTS = 64, 31_250, 1000
_PAGE = "text/plain; version=0.0.4; charset=utf-8"
_NEEDS = (
    ("", "pods"),
    ("inference.networking.k8s.io", "inferencepools"),
)


@dataclass(frozen=True, slots=True)
class NotPicked:
    """What the gateway answers instead of asking an endpoint."""

    status: int
    text: str


class Picker:
    """It keeps running where it may not list, but never becomes ready."""

    def __init__(self, process: Process, view: View, loads: Loads) -> None:
        self.process = process
        self._view, self._loads = view, loads
        self._flags: dict[str, str] = {}
        self._configuration: Configuration = DEFAULT
        self._prefixes: OrderedDict[str, Prefixes] = OrderedDict()
        self._is_synced = False
        self.takes_calls = process.fate.deaf == 0
        """Of gateways."""
        self._complained: set[str] = set()
        self.counting = Counting(VERSION)

    # What a kubelet does

    def start(self) -> None:
        self._log("info", "GIE build", **{"commit-sha": "", "build-ref": VERSION})
        try:
            self._flags = flags_of(self.process.words)
            if not (self._flags.get("pool-name") or self._flags.get("endpoint-selector")):
                why = "either pool-name or endpoint-selector must be set"
                self._fail("Failed to validate flags", why)
                return
            self._configuration = configuration_of(self._text()) if self._is_configured else DEFAULT
        except BadFlags as refusal:
            self.process.say(str(refusal))
            self.process.exit(2)
        except BadConfiguration as refusal:
            self._fail("Failed to parse configuration", str(refusal))
        else:
            self._listen()

    def stop(self) -> None:
        self.process.exit(0)

    def http(self, port: int, path: str) -> int | None:
        if not self.process.is_listening(port):
            return None
        return 200 if path == "/metrics" else 404

    def grpc(self, port: int, service: str) -> bool | None:
        """Without leader election every service of the health port tells one thing."""
        del service
        return self.is_synced if self.process.is_listening(port) else None

    def tcp(self, port: int) -> bool:
        return self.process.is_listening(port)

    # What it knows

    @property
    def place(self) -> tuple[str, int]:
        return (self.process.address, self._port("grpc-port", 9002))

    @property
    def pool(self) -> Object | None:
        namespace = self._flags.get("pool-namespace") or self._namespace
        return self._view.one("InferencePool", namespace, self._flags.get("pool-name", ""))

    @property
    def is_synced(self) -> bool:
        """Whether it has listed what it needs once, and its pool is there now."""
        if not self._is_synced:
            missing = [need for need in _NEEDS if not self._may_list(*need)]
            for group, resource in missing:
                self._complain(group, resource)
            self._is_synced = not missing
        return self._is_synced and self.pool is not None

    # What a gateway asks

    def pick(self, model: str | None, prompt: str, tokens: int) -> Endpoint | NotPicked:
        """`model` None: the body names none."""
        if model is None:
            return _refused(400, "BadRequest", "model not found in request body")
        pool = self.pool
        places = places_of(self._view, pool) if pool else []
        if not places:
            text = "failed to find endpoint candidates for serving the request"
            self.counting.failed(model, "ServiceUnavailable")
            return _refused(503, "ServiceUnavailable", text)
        blocks = blocks_of(prompt, _BLOCK_CHARACTERS)
        endpoints = [self._endpoint(*place, blocks) for place in places]
        began = time.perf_counter()
        chosen = pick(self._configuration, endpoints, model, self.process.dice)
        if chosen is None:
            return _refused(503, "ServiceUnavailable", "no endpoint")
        self._held(chosen).keep(blocks)
        self.counting.picked(model, chosen, self._namespace, time.perf_counter() - began)
        self.counting.began(model, chosen, tokens)
        return chosen

    def _endpoint(self, pod: str, address: str, port: int, blocks: tuple[int, ...]) -> Endpoint:
        waiting, running, cache, adapters = seen(self._loads, address, port)
        held = self._prefixes.get(f"{address}:{port}")
        matched = held.matched(blocks) / len(blocks) if held and blocks else 0.0
        tokens = self.counting.in_flight(address, port)
        return Endpoint(pod, address, port, waiting, running, cache, matched, tokens, adapters)

    def _held(self, endpoint: Endpoint) -> Prefixes:
        name = f"{endpoint.address}:{endpoint.port}"
        if name not in self._prefixes:
            self._prefixes[name] = Prefixes(_BLOCKS_PER_ENDPOINT)
        self._prefixes.move_to_end(name)
        while len(self._prefixes) > _MOST_ENDPOINTS:
            self._prefixes.popitem(last=False)
        return self._prefixes[name]

    # Inside

    def _listen(self) -> None:
        for name, usual in (("grpc-port", 9002), ("grpc-health-port", 9003)):
            self.process.listen(self._port(name, usual))
        self.process.listen(self._port("metrics-port", 9090), self._metrics)
        if not self.takes_calls:
            self.process.after(self.process.fate.deaf, self._hear)
        self._log("info", "Controller manager starting")

    def _hear(self) -> None:
        self.takes_calls = True

    async def _metrics(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        if scope["path"] != "/metrics":
            await answer(send, 404, b"404 page not found\n")
        elif is_on(self._flags, "metrics-endpoint-auth", usual=True):
            await answer(send, 401, b"Unauthorized\n")
        else:
            blocks = sum(len(held) for held in self._prefixes.values())
            text = self.counting.page(self.pool, self._view, self._loads, blocks)
            await answer(send, 200, text.encode(), _PAGE)

    @property
    def _is_configured(self) -> bool:
        return bool(self._flags.get("config-file") or self._flags.get("config-text"))

    def _text(self) -> str:
        path = self._flags.get("config-file")
        if not path:
            return self._flags["config-text"]
        if path not in self.process.files:
            why = f"failed to load config from a file '{path}' - open {path}"
            raise BadConfiguration(f"{why}: no such file or directory")
        return self.process.files[path]

    def _may_list(self, group: str, resource: str) -> bool:
        namespace = self._namespace
        return all(
            access.may(self._view, self._account, verb, group, resource, namespace)
            for verb in ("list", "watch")
        )

    def _complain(self, group: str, resource: str) -> None:
        if resource in self._complained:
            return
        self._complained.add(resource)
        why = access.refusal(self._account, "list", group, resource, self._namespace)
        self._log("error", "Failed to watch", error=f"failed to list: {why}")

    @property
    def _namespace(self) -> str:
        return str(self.process.pod["metadata"]["namespace"])

    @property
    def _account(self) -> str:
        return str(self.process.pod["spec"].get("serviceAccountName") or "default")

    def _port(self, name: str, usual: int) -> int:
        return int(self._flags.get(name) or usual)

    def _fail(self, message: str, error: str) -> None:
        self._log("error", message, error=error)
        self.process.exit(1)

    def _log(self, level: str, message: str, **more: str) -> None:
        line = {"level": level, "ts": round(time.time(), 6), "logger": "setup", "msg": message}
        self.process.say(json.dumps({**line, **more}, separators=(",", ":")))


def _refused(status: int, code: str, text: str) -> NotPicked:
    return NotPicked(status, f"inference error: {code} - {text}")
