"""What stands for each image when a kubelet starts a container."""

from inference.simulator.world.context import Context
from inference.simulator.world.engines.engine import Engine
from inference.simulator.world.engines.loads import Loads
from inference.simulator.world.images import Part, part_of
from inference.simulator.world.pickers.picker import Picker
from inference.simulator.world.processes import Process, Program, Sleeper
from inference.simulator.world.relays import Relay


class Programs:
    """Makes them, and knows the engines and pickers among them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.loads = Loads()
        self._pickers: list[Picker] = []

    def launch(self, process: Process) -> Program:
        part = part_of(process.container["image"])
        if part is Part.ENGINE:
            return self._engine(process)
        if part is Part.PICKER:
            return self._picker(process)
        return Relay(process) if part is Part.RELAY else Sleeper(process)

    def picker_at(self, address: str, port: int) -> Picker | None:
        """The picker that serves there."""
        return next((one for one in self._pickers if one.place == (address, port)), None)

    def _picker(self, process: Process) -> Picker:
        picker = Picker(process, self._context.view, self.loads)
        self._pickers.append(picker)
        process.at_end(lambda: self._pickers.remove(picker))
        return picker

    def _engine(self, process: Process) -> Engine:
        config = self._context.config
        engine = Engine(
            process, self.loads.share_of, pace=config.pace, load_seconds=config.load_seconds
        )
        self.loads.enter(engine)
        process.at_end(lambda: self.loads.leave(engine))
        return engine
