"""Which load each engine is under: that of its model, shared among those that serve it."""

from collections.abc import Iterator

from inference.simulator.world.engines.engine import Engine
from inference.simulator.world.engines.load import IDLE, Load


class Loads:
    """Knows the engines of a world, and what the users of each model ask."""

    def __init__(self) -> None:
        self._loads: dict[str, Load] = {}
        self._engines: list[Engine] = []

    def set(self, model: str, load: Load) -> None:
        """From now on; `model` is a name that is served."""
        self._catch_up()
        self._loads[model] = load

    def of(self, model: str) -> Load:
        return self._loads.get(model, IDLE)

    def enter(self, engine: Engine) -> None:
        self._catch_up()
        self._engines.append(engine)

    def leave(self, engine: Engine) -> None:
        self._catch_up()
        if engine in self._engines:
            self._engines.remove(engine)

    def share_of(self, engine: Engine) -> Load:
        """The first of its names that anybody asks for decides."""
        if engine.serving is None or not self._loads:
            return IDLE
        for name in engine.serving.settings.names:
            if name in self._loads:
                return _shared(self._loads[name], sum(1 for _ in self.serving(name)))
        return IDLE

    def serving(self, model: str) -> Iterator[Engine]:
        for engine in self._engines:
            if engine.serving is not None and model in engine.serving.settings.names:
                yield engine

    def at(self, address: str, port: int) -> Engine | None:
        """The engine that listens there."""
        for engine in self._engines:
            if engine.serving is not None and engine.place == (address, port):
                return engine
        return None

    def _catch_up(self) -> None:
        for engine in self._engines:
            if engine.serving is not None:
                engine.serving.catch_up()


def _shared(load: Load, among: int) -> Load:
    rate = load.requests_per_second / max(1, among)
    return Load(
        requests_per_second=rate,
        prompt_tokens=load.prompt_tokens,
        output_tokens=load.output_tokens,
        prefix_share=load.prefix_share,
        error_share=load.error_share,
        wave=load.wave,
        period=load.period,
    )
