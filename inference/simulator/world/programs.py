"""What stands for each image when a kubelet starts a container."""

from inference.simulator.world.context import Context
from inference.simulator.world.processes import Process, Program, Sleeper


class Programs:
    def __init__(self, context: Context) -> None:
        self._context = context

    def launch(self, process: Process) -> Program:
        return Sleeper(process)
