"""What runs in a container: the process that a program is given, and what a program must be."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from inference.simulator.errors import Object
from inference.simulator.world.asgi import App
from inference.simulator.world.network import Network
from inference.simulator.world.scenarios import Fate
from inference.simulator.world.timers import Timer, Timers

_LINES, _MESSAGE_BYTES, _MESSAGE_LINES = 500, 2048, 80
TERMINATED = 143


class Log:
    """The last lines that a container wrote, over all its starts."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_LINES)

    def add(self, text: str) -> None:
        self._lines.extend(text.splitlines())

    def text(self, last: int | None = None) -> str:
        lines = list(self._lines)
        kept = lines if last is None else lines[max(0, len(lines) - last) :]
        return "".join(f"{line}\n" for line in kept)

    def last_words(self) -> str:
        """As much as a kubelet puts into a termination message."""
        return self.text(_MESSAGE_LINES).encode()[-_MESSAGE_BYTES:].decode(errors="replace")


@dataclass(eq=False)
class Process:
    """One start of one container. `ended` hears of its exit code and its reason, once."""

    pod: Object
    container: Object
    address: str
    words: list[str]
    environment: dict[str, str]
    files: dict[str, str]
    fate: Fate
    log: Log
    timers: Timers
    network: Network
    dice: Random
    ended: Callable[[int, str], None]
    _ports: set[int] = field(default_factory=set)
    _timers: list[Timer] = field(default_factory=list)
    _lasts: list[Callable[[], None]] = field(default_factory=list)
    _is_over: bool = False

    def say(self, text: str) -> None:
        self.log.add(text)

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """An appointment that the end of the process cancels."""
        self._timers = [timer for timer in self._timers if not timer.is_cancelled]
        self._timers.append(self.timers.after(seconds, call))

    def at_end(self, call: Callable[[], None]) -> None:
        self._lasts.append(call)

    def listen(self, port: int, app: App | None = None) -> None:
        """Without an app the port is open to probes only."""
        self._ports.add(port)
        if app is not None:
            self.network.open(self.address, port, app)

    def is_listening(self, port: int) -> bool:
        return port in self._ports

    def exit(self, code: int, reason: str = "") -> None:
        """The end: ports close, appointments lapse. Only the first end counts."""
        if self._is_over:
            return
        self._is_over = True
        for timer in self._timers:
            timer.cancel()
        for port in self._ports:
            self.network.close(self.address, port)
        for call in self._lasts:
            call()
        self.ended(code, reason or ("Completed" if code == 0 else "Error"))


class Program(Protocol):
    """What an image stands for. It may end its process at any time, its start included."""

    def start(self) -> None: ...

    def stop(self) -> None:
        """SIGTERM."""

    def http(self, port: int, path: str) -> int | None:
        """The status that a probe gets; None where nothing listens."""

    def grpc(self, port: int, service: str) -> bool | None: ...

    def tcp(self, port: int) -> bool: ...


class Sleeper:
    """Anything unknown: it does nothing until it is told to stop."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def start(self) -> None:
        return

    def stop(self) -> None:
        self._process.exit(TERMINATED)

    def http(self, port: int, path: str) -> int | None:
        del port, path
        return None

    def grpc(self, port: int, service: str) -> bool | None:
        del port, service
        return None

    def tcp(self, port: int) -> bool:
        del port
        return False
