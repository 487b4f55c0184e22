"""A listener on a thread of its own, as a process for live pages has one."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Queue

from inference import events

PATIENCE = 60.0


class Heard:
    """What was heard, batch by batch."""

    def __init__(self) -> None:
        self.batches: Queue[frozenset[str]] = Queue()

    def next(self) -> frozenset[str]:
        return self.batches.get(timeout=PATIENCE)

    def until(self, name: str) -> list[frozenset[str]]:
        """All batches up to the first with `name`."""
        found = [self.next()]
        while name not in found[-1]:
            found.append(self.next())
        return found

    def rest(self) -> list[frozenset[str]]:
        """What is there already."""
        found = []
        with suppress(Empty):
            while True:
                found.append(self.batches.get_nowait())
        return found


@contextmanager
def listening() -> Iterator[Heard]:
    """Listens from the first line of its body on."""
    heard = Heard()
    loop = asyncio.new_event_loop()

    async def listen() -> None:
        async for names in events.listen():
            heard.batches.put(names)

    task = loop.create_task(listen())

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=run, name="listener", daemon=True)
    thread.start()
    assert heard.next() == events.LOST
    try:
        yield heard
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(PATIENCE)
