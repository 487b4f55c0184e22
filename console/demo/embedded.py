"""All processes of an installation in one: web server, worker, sweeper, observer.

The same code as in production; only the broker is Celery's in-memory one.
"""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import uvicorn
from celery.contrib.testing.worker import start_worker

from console.asgi import live
from console.celery import app
from inference.observation.agent import Observer
from inference.outbox.sweeper import Sweeper

STOP_WITHIN = 2


@contextmanager
def running(listening: socket.socket, *, is_observing: bool = True) -> Iterator[str]:
    """Start everything, yield the address of the web server, stop everything.

    Where it does not observe, `manage.py observe` does, as a process of its own.
    """
    with ExitStack() as stack:
        stack.enter_context(start_worker(app, pool="threads", perform_ping_check=False))
        sweeper = Sweeper()
        sweeper.start()
        stack.callback(sweeper.stop)
        if is_observing:
            stack.enter_context(_observing())
        yield stack.enter_context(_serving(listening))


@contextmanager
def _serving(listening: socket.socket) -> Iterator[str]:
    config = uvicorn.Config(
        "console.asgi:application",
        log_config=None,
        lifespan="on",
        timeout_graceful_shutdown=STOP_WITHIN,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listening]}, name="web", daemon=True
    )
    thread.start()
    try:
        host, port = listening.getsockname()
        yield f"http://{host}:{port}"
    finally:
        live.close_soon()
        server.should_exit = True
        thread.join(STOP_WITHIN + 1)
        listening.close()


@contextmanager
def _observing() -> Iterator[None]:
    loop = asyncio.new_event_loop()
    observer = Observer()
    task = loop.create_task(observer.run())
    thread = threading.Thread(target=_run, args=(loop, task), name="observer", daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(STOP_WITHIN)


def _run(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(task)
    except asyncio.CancelledError:
        pass
    finally:
        loop.close()
