"""Ending streams when the server is told to stop: it waits for them, and they never end."""

import signal
import threading
from collections.abc import Callable
from types import FrameType


def before_signals(end: Callable[[], None]) -> None:
    """Have `end` called when a signal to stop arrives, before whoever handles it now.

    Nothing is done off the main thread: whoever runs a server there stops it without signals.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        handler = signal.getsignal(number)
        if callable(handler):
            signal.signal(number, _first(end, handler))


def _first(
    end: Callable[[], None], handler: Callable[[int, FrameType | None], object]
) -> Callable[[int, FrameType | None], object]:
    def handle(number: int, frame: FrameType | None) -> object:
        end()
        return handler(number, frame)

    return handle
