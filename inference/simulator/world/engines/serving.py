"""An engine that serves: its settings, the load it is under, and what it has counted."""

from collections import deque
from collections.abc import Callable
from random import Random

from inference.simulator.world.engines.answers import Asked
from inference.simulator.world.engines.arguments import Settings
from inference.simulator.world.engines.load import Finished, Flow, Load, Machine
from inference.simulator.world.engines.metrics import EngineMetrics
from inference.simulator.world.prefixes import Prefixes, blocks_of

_CHARACTERS_PER_TOKEN = 4
_REMEMBERED = 600
_TOKENS_HELD = 500.0
"""By a request that is really inside."""


class Serving:
    """`load` says what users that nobody sees ask of it now; `now` is in the world's seconds."""

    def __init__(
        self,
        settings: Settings,
        machine: Machine,
        metrics: EngineMetrics,
        load: Callable[[], Load],
        now: Callable[[], float],
        dice: Random,
    ) -> None:
        self.settings, self.metrics, self.dice = settings, metrics, dice
        self.inside = 0
        self._flow = Flow(machine, dice)
        self._load, self._now = load, now
        self._ended: deque[Finished] = deque(maxlen=_REMEMBERED)
        self._count = 0
        self._prefixes = Prefixes(machine.kv_tokens // settings.block_size)

    @property
    def blocks(self) -> int:
        return self._flow.machine.kv_tokens // self.settings.block_size

    @property
    def running(self) -> float:
        """Requests in the batch, seen and unseen."""
        self.catch_up()
        return self.inside + self._flow.running

    @property
    def waiting(self) -> float:
        self.catch_up()
        return self._flow.waiting

    @property
    def cache_share(self) -> float:
        self.catch_up()
        return self._flow.kv_share(self._load(), more_tokens=self.inside * _TOKENS_HELD)

    def catch_up(self) -> None:
        """Let the unseen load have its effect up to now."""
        before = self._flow.preemptions
        ended = list(self._flow.pass_time(self._load(), self._now()))
        self.metrics.take(ended, self.settings.max_model_len)
        self._ended.extend(ended)
        self._count += len(ended)
        self.metrics.add("num_preemptions", self._flow.preemptions - before)

    def unseen_since(self, number: int) -> tuple[int, list[Finished]]:
        """What of the unseen load has ended after its `number`th request, and the new number."""
        self.catch_up()
        new = min(self._count - number, len(self._ended))
        return self._count, list(self._ended)[len(self._ended) - new :]

    def plan(self, asked: Asked) -> Finished:
        """How long a request will take, from how busy the engine is and what it has seen."""
        self.catch_up()
        machine, load = self._flow.machine, self._load()
        step = machine.step(self._flow.running + self.inside)
        cached = self._cached(asked)
        return Finished(
            prompt=asked.prompt_tokens,
            cached=cached,
            output=min(asked.most_tokens, self.dice.randint(12, 48)),
            queue=self._flow.waiting * step * load.output_tokens / machine.slots(load),
            prefill=machine.prefill(asked.prompt_tokens - cached, self._flow.running),
            step=step,
        )

    def page(self) -> str:
        """The text of /metrics."""
        metrics, waiting = self.metrics, round(self.waiting)
        metrics.set("num_requests_running", round(self.running))
        metrics.set("num_requests_waiting", waiting)
        metrics.set("num_requests_waiting_by_reason", waiting, ("reason", "capacity"))
        metrics.set("num_requests_waiting_by_reason", 0, ("reason", "deferred"))
        metrics.set("kv_cache_usage_perc", round(self.cache_share, 4))
        return metrics.page.text()

    def _cached(self, asked: Asked) -> int:
        if not self.settings.caches_prefixes:
            return 0
        size = self.settings.block_size
        blocks = blocks_of(asked.prompt, size * _CHARACTERS_PER_TOKEN)
        matched = self._prefixes.matched(blocks)
        self._prefixes.keep(blocks)
        return min(asked.prompt_tokens - 1, matched * size)
