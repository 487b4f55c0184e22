"""What stands for each image when a kubelet starts a container."""

from inference.simulator.world.context import Context
from inference.simulator.world.engines.engine import Engine
from inference.simulator.world.engines.loads import Loads
from inference.simulator.world.images import Part, part_of
from inference.simulator.world.processes import Process, Program, Sleeper


class Programs:
    """Makes them, and knows those of the engines."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.loads = Loads()

    def launch(self, process: Process) -> Program:
        part = part_of(process.container["image"])
        if part is Part.ENGINE:
            return self._engine(process)
        return Sleeper(process)

    def _engine(self, process: Process) -> Engine:
        config = self._context.config
        engine = Engine(
            process, self.loads.share_of, pace=config.pace, load_seconds=config.load_seconds
        )
        self.loads.enter(engine)
        process.at_end(lambda: self.loads.leave(engine))
        return engine
