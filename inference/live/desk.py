"""Where rows are read: one thread with one database connection, and never the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connections

T = TypeVar("T")


class DeskClosed(Exception):
    """The server stops: what is still asked is not answered."""


class Desk:
    """A queue of questions to the database. Streams wait for answers and hold no connection."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self.is_closed = False

    async def ask(self, question: Callable[..., T], *arguments: Any) -> T:
        """Raises DeskClosed, also for what has waited its turn for too long."""
        if self.is_closed:
            raise DeskClosed
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._thread, self._take, question, arguments)
        if self.is_closed:
            raise DeskClosed
        return answer

    def _take(self, question: Callable[..., T], arguments: tuple[Any, ...]) -> T:
        if self.is_closed:
            raise DeskClosed
        return _answer(question, arguments)

    def close(self) -> None:
        """End when what is being asked is answered; give the connection back."""
        self.is_closed = True
        self._thread.submit(connections.close_all)
        self._thread.shutdown(wait=False)


def _answer(question: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    try:
        return question(*arguments)
    except (OperationalError, InterfaceError):
        connections.close_all()  # it was kept open, and may have died meanwhile: once more
        return _last_answer(question, arguments)
    except DatabaseError:
        connections.close_all()
        raise


def _last_answer(question: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    try:
        return question(*arguments)
    except DatabaseError:
        connections.close_all()
        raise
