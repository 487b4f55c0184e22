"""Many open pages on one thread: each reads its stream and notes when a word has arrived."""

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

AT_ONCE = 20
PATIENCE = 120.0


@dataclass
class Viewers:
    """`arrivals[word]`: when each page had it, by the wall clock."""

    count: int
    arrivals: dict[str, list[float]] = field(default_factory=dict)
    open: int = 0
    has_arrived: threading.Condition = field(default_factory=threading.Condition)

    def expect(self, word: str) -> None:
        self.arrivals[word] = []

    def wait(self, word: str) -> list[float]:
        """Until every page has it; those that have it when patience is over."""
        with self.has_arrived:
            self.has_arrived.wait_for(lambda: len(self.arrivals[word]) >= self.count, PATIENCE)
        return list(self.arrivals[word])

    def take(self, text: bytes, seen: set[str]) -> None:
        now = time.time()
        for word, found in list(self.arrivals.items()):
            if word not in seen and word.encode() in text:
                seen.add(word)
                found.append(now)
                if len(found) >= self.count:
                    with self.has_arrived:
                        self.has_arrived.notify_all()


@contextmanager
def looking(port: int, query: str, sessions: Sequence[str], count: int) -> Iterator[Viewers]:
    """`count` pages with streams, `sessions` in turn; yields when all are open."""
    viewers = Viewers(count)
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def run() -> None:
        door = asyncio.Semaphore(AT_ONCE)
        pages = [
            asyncio.create_task(
                _look(port, query, sessions[place % len(sessions)], viewers, door, ready)
            )
            for place in range(count)
        ]
        await asyncio.gather(*pages, return_exceptions=True)

    task = loop.create_task(run())

    def begin() -> None:
        try:
            loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        finally:
            loop.close()

    thread = threading.Thread(target=begin, name="viewers", daemon=True)
    thread.start()
    if not ready.wait(PATIENCE):
        raise TimeoutError(f"{viewers.open} of {count} pages opened")
    try:
        yield viewers
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)


async def _look(
    port: int,
    query: str,
    session: str,
    viewers: Viewers,
    door: asyncio.Semaphore,
    ready: threading.Event,
) -> None:
    async with door:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = [f"GET /live/?{query} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: session={session}"]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        status = await reader.readline()
        if b" 200 " not in status:
            raise RuntimeError(status.decode())
        await reader.readuntil(b"event: beat")
        viewers.open += 1
        if viewers.open == viewers.count:
            ready.set()
    seen: set[str] = set()
    tail = b""
    try:
        while chunk := await reader.read(65536):
            viewers.take(tail + chunk, seen)
            tail = chunk[-100:]
    finally:
        writer.close()
