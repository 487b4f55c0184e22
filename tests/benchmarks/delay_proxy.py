"""A TCP relay on loopback that makes each direction take half a round trip longer.

Delay, not loss or bandwidth: bytes leave in order, each when its time has come.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 64 * 1024


@contextmanager
def delayed(port: int, round_trip: float) -> Iterator[int]:
    """Yield the port on 127.0.0.1 that leads to `port` with `round_trip` seconds more."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="delay-proxy", daemon=True)
    thread.start()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        # Cancelled only at the end of all, and then there is nobody to tell.
        with suppress(asyncio.CancelledError):
            await asyncio.gather(
                _relay(reader, inner_writer, round_trip / 2),
                _relay(inner_reader, writer, round_trip / 2),
            )

    starting = asyncio.start_server(accept, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(starting, loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Nothing that was under way goes on."""
    server.close()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    sender = asyncio.create_task(_send(queue, writer))
    clock = asyncio.get_running_loop().time
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            queue.put_nowait((clock() + delay, data))
    queue.put_nowait((clock() + delay, b""))
    await sender


async def _send(queue: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter) -> None:
    clock = asyncio.get_running_loop().time
    with suppress(OSError):
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0.0, due - clock()))
            if not data:
                break
            writer.write(data)
            await writer.drain()
    writer.close()
