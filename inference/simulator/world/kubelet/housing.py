"""What a container and its probes need of the pod that they live in."""

from typing import Protocol

from inference.simulator.errors import Object
from inference.simulator.world.processes import Process, Program
from inference.simulator.world.scenarios import Fate


class Pod(Protocol):
    """What a container needs of its pod."""

    @property
    def obj(self) -> Object: ...

    @property
    def address(self) -> str: ...

    @property
    def is_leaving(self) -> bool: ...

    @property
    def restart_policy(self) -> str: ...

    def fate_of(self, container: str) -> Fate: ...

    def has_image(self, image: str) -> bool: ...

    def keep_image(self, image: str) -> None: ...

    def launch(self, process: Process) -> Program: ...

    def changed(self) -> None: ...

    def tell(self, kind: str, reason: str, message: str, container: str = "") -> None: ...
