"""A relay beside an engine: what comes in at one port of the pod goes to another."""

from inference.simulator.world.asgi import Receive, Scope, Send, answer
from inference.simulator.world.processes import TERMINATED, Process


class Relay:
    """llm-d's disaggregation sidecar, without its remote prefill."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._to = 8001

    def start(self) -> None:
        flags = dict(word.lstrip("-").partition("=")[::2] for word in self._process.words)
        self._to = int(flags.get("model-server-port") or flags.get("vllm-port") or 8001)
        self._process.listen(int(flags.get("port") or 8000), self._relay)

    def stop(self) -> None:
        self._process.exit(TERMINATED)

    def http(self, port: int, path: str) -> int | None:
        """A probe asks through, as any other request does."""
        del path
        if not self._process.is_listening(port):
            return None
        return 200 if self._behind() else 502

    def grpc(self, port: int, service: str) -> bool | None:
        del port, service
        return None

    def tcp(self, port: int) -> bool:
        return self._process.is_listening(port)

    def _behind(self) -> bool:
        return self._process.network.at(self._process.address, self._to) is not None

    async def _relay(self, scope: Scope, receive: Receive, send: Send) -> None:
        behind = self._process.network.at(self._process.address, self._to)
        if behind is None:
            await answer(send, 502)
        else:
            await behind(scope, receive, send)
