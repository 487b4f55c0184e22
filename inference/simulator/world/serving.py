"""Listening on loopback: an ASGI app behind a port, without a thread or a task of its own."""

import asyncio
import socket
import ssl
from functools import partial

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from inference.simulator.world.asgi import App

HOST = "127.0.0.1"
_KEPT_ALIVE_SECONDS = 90


class Listener:
    """An open port. The socket listens when this is made, and is served as soon as the loop runs.

    Raises OSError where `port` is taken.
    """

    def __init__(
        self,
        app: App,
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        protocol: type[HttpToolsProtocol] = HttpToolsProtocol,
    ) -> None:
        # The protocol is named, since asyncio turns off Nagle's delay for named TCP alone.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((HOST, port))
            self._socket.listen(128)
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self._state = ServerState()
        self._server: asyncio.Server | None = None
        self._opening = asyncio.ensure_future(self._open(app, tls, protocol))

    async def _open(
        self, app: App, tls: ssl.SSLContext | None, protocol: type[HttpToolsProtocol]
    ) -> None:
        config = Config(
            app,
            lifespan="off",
            interface="asgi3",
            ws="none",
            access_log=False,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEPT_ALIVE_SECONDS,
        )
        config.load()
        made = partial(protocol, config=config, server_state=self._state, app_state={})
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(made, sock=self._socket, ssl=tls)

    def close(self) -> None:
        """At once: nobody is let in any more, and whoever is inside is cut off."""
        self._opening.cancel()
        if self._server is None:
            self._socket.close()
        else:
            self._server.close()
        for connection in list(self._state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        for task in list(self._state.tasks):
            task.cancel()
