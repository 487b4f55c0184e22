"""A whole simulated cluster on a thread of its own: store, world and API on one loop."""

import asyncio
import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from inference.simulator.api import definitions
from inference.simulator.api.app import Api
from inference.simulator.api.authentication import Authentication
from inference.simulator.api.reading import Reading
from inference.simulator.api.routing import Routing
from inference.simulator.api.tokens import Tokens
from inference.simulator.api.transport import PeerProtocol, server_context
from inference.simulator.api.watching import Watches
from inference.simulator.api.writing import Writing
from inference.simulator.authorization import MASTERS
from inference.simulator.certificates import Authority, KeyPair
from inference.simulator.faults import Faults
from inference.simulator.journal import Journal
from inference.simulator.store import Store
from inference.simulator.world import World, WorldConfig
from inference.simulator.world.serving import HOST, Listener

T = TypeVar("T")
_PATIENCE = 10.0
_TURNS = 20


class SimulatedCluster:
    """Runs from `with` to its end. `store`, `world` and `faults` belong to its loop: `call` them.

    Without a `config` there is an API and no world: nothing moves but what requests move.
    """

    def __init__(
        self,
        config: WorldConfig | None = None,
        *,
        name: str = "simulated",
        port: int = 0,
        journal_file: Path | None = None,
    ) -> None:
        self.name = name
        self.journal = Journal(journal_file)
        self.faults = Faults()
        self.store = Store()
        self.world: World | None = None
        self.url = ""
        self._config = config
        self._port = port
        self._authority = Authority()
        self.ca_pem = self._authority.pem
        self.administrator = self.certificate("administrator", (MASTERS,))
        self._tokens = Tokens(self.store)
        self._watches = Watches(self.store)
        self._api = self._application()
        self._tls = server_context(self._authority.server(HOST))
        self._listener: Listener | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when the API answers. Raises OSError where the port is taken."""
        started = threading.Event()
        failed: list[BaseException] = []

        def run() -> None:
            try:
                asyncio.run(self._run(started))
            except BaseException as error:  # noqa: BLE001  (raised again by whoever starts)
                failed.append(error)
            finally:
                started.set()

        self._thread = threading.Thread(target=run, name=f"cluster-{self.name}", daemon=True)
        self._thread.start()
        started.wait()
        if failed:
            self._thread.join()
            raise failed[0]

    def stop(self) -> None:
        """Ends every stream, closes every port, and waits for the thread."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(_PATIENCE)
        self._thread = None

    def call(self, deed: Callable[[], T]) -> T:
        """What `deed` returns, done on the cluster's own loop; raises what it raises."""
        if self._loop is None:
            raise RuntimeError("the cluster does not run")

        async def done() -> T:
            return deed()

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(_PATIENCE)

    def certificate(
        self, user: str, groups: tuple[str, ...] = (), *, valid: timedelta = timedelta(days=30)
    ) -> KeyPair:
        """A client certificate that makes its holder `user`."""
        return self._authority.client(user, groups, valid=valid)

    def token(self, namespace: str, account: str, seconds: int = 86_400) -> str:
        """Of a service account that is there."""
        return self.call(lambda: self._tokens.issue(namespace, account, seconds)[0])

    def revoke_tokens(self) -> None:
        self.call(self._tokens.revoke)

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """For a while nobody listens at the address; everything behind it goes on."""
        self.call(self._close)
        try:
            yield
        finally:
            self.call(self._open)

    def kubeconfig(
        self, user: str = "administrator", groups: tuple[str, ...] = (MASTERS,)
    ) -> dict[str, Any]:
        """For a person: everything inline, with a certificate of its own."""
        pair = self.certificate(user, groups)
        cluster = {"server": self.url, "certificate-authority-data": _inline(self.ca_pem)}
        told = {
            "client-certificate-data": _inline(pair.certificate),
            "client-key-data": _inline(pair.key),
        }
        context = {"cluster": self.name, "user": user}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": self.name, "cluster": cluster}],
            "users": [{"name": user, "user": told}],
            "contexts": [{"name": self.name, "context": context}],
            "current-context": self.name,
        }

    async def _run(self, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._open()
        try:
            definitions.register(self.store)
            if self._config is not None:
                self.world = World(self.store, self._config)
                await self.world.start()
            started.set()
            await self._over.wait()
        finally:
            self.faults.clear()
            self._watches.close()
            await self._departure()
            if self.world is not None:
                await self.world.stop()
            self._close()
            await asyncio.sleep(0)

    async def _departure(self) -> None:
        """Let those who watch hear the end of their streams."""
        for _ in range(_TURNS):
            if not len(self._watches):
                return
            await asyncio.sleep(0.005)

    def _open(self) -> None:
        self._listener = Listener(self._api, port=self._port, tls=self._tls, protocol=PeerProtocol)
        self._port = self._listener.port
        self.url = f"https://{HOST}:{self._port}"

    def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _application(self) -> Api:
        version = (self._config or WorldConfig()).version
        routing = Routing(
            self.store,
            Reading(self.store, self._watches),
            Writing(self.store),
            self._tokens,
            version,
        )
        authentication = Authentication(self._authority, self._tokens)
        return Api(self.store, authentication, routing, self.journal, self.faults)


def _inline(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
