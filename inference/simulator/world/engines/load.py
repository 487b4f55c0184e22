"""How an engine fares under a load: who runs, who waits, how long each takes. Pure but for dice.

Time is given, never taken: `pass_time` may be called once a second or once an hour, and costs
nothing while there is no load.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

_LONGEST_STEP, _MOST_STEPS = 1.0, 240


@dataclass(frozen=True, slots=True)
class Load:
    """What the users of one model ask of it; `wave` is by how much the rate swings in `period`."""

    requests_per_second: float = 0.0
    prompt_tokens: int = 800
    output_tokens: int = 220
    prefix_share: float = 0.35
    error_share: float = 0.0
    wave: float = 0.25
    period: float = 900.0

    def rate_at(self, second: float) -> float:
        swing = 1 + self.wave * math.sin(2 * math.pi * second / self.period)
        return self.requests_per_second * swing


IDLE = Load()


@dataclass(frozen=True, slots=True)
class Machine:
    """The speed and size of one engine. A step takes longer, the more requests share it."""

    max_num_seqs: int = 256
    kv_tokens: int = 400_000
    prefill_tokens_per_second: float = 12_000.0
    step_seconds: float = 0.012
    growth: float = 0.012
    first_token_seconds: float | None = None

    def step(self, running: float) -> float:
        """The time between two tokens of one request."""
        return self.step_seconds * (1 + running * self.growth)

    def prefill(self, tokens: float, running: float) -> float:
        if self.first_token_seconds is not None:
            return self.first_token_seconds
        return 0.02 + tokens / self.prefill_tokens_per_second * (1 + running * self.growth)

    def slots(self, load: Load) -> float:
        """How many requests may run at once: by their number, and by the memory they hold."""
        held = load.prompt_tokens + load.output_tokens / 2
        return max(1.0, min(self.max_num_seqs, self.kv_tokens / held))


@dataclass(frozen=True, slots=True)
class Finished:
    """One request, from its arrival to its last token; all in seconds and tokens."""

    prompt: int
    cached: int
    output: int
    queue: float
    prefill: float
    step: float
    is_error: bool = False

    @property
    def first_token(self) -> float:
        return self.queue + self.prefill

    @property
    def decode(self) -> float:
        return self.step * max(0, self.output - 1)

    @property
    def inference(self) -> float:
        return self.prefill + self.decode

    @property
    def total(self) -> float:
        return self.queue + self.inference


class Flow:
    """The requests of one engine in a load that nobody really sends."""

    def __init__(self, machine: Machine, dice: Random) -> None:
        self.machine = machine
        self.running = 0.0
        self.waiting = 0.0
        self.preemptions = 0
        self._dice = dice
        self._done = 0.0
        self._at: float | None = None

    def kv_share(self, load: Load, more_tokens: float = 0.0) -> float:
        """The part of the cache that is in use."""
        held = self.running * (load.prompt_tokens + load.output_tokens / 2) + more_tokens
        return min(1.0, held / self.machine.kv_tokens)

    def pass_time(self, load: Load, now: float) -> Iterator[Finished]:
        """What ended between the last call and `now`. Consume it whole."""
        before, self._at = self._at, now
        if before is None or now <= before:
            return
        if load.requests_per_second <= 0 and self.running + self.waiting <= 0:
            return
        steps = min(_MOST_STEPS, max(1, math.ceil((now - before) / _LONGEST_STEP)))
        length = (now - before) / steps
        for number in range(steps):
            yield from self._step(load, before + length * number, length)

    def _step(self, load: Load, second: float, length: float) -> Iterator[Finished]:
        slots = self.machine.slots(load)
        step = self.machine.step(self.running)
        fresh = load.prompt_tokens * (1 - load.prefix_share)
        service = self.machine.prefill(fresh, self.running) + step * load.output_tokens
        leaving = min(self.running, self.running * length / service)
        self._done += leaving
        self.running -= leaving
        queue = self.waiting * service / slots
        self.waiting += self._arrivals(load.rate_at(second) * length)
        admitted = min(self.waiting, slots - self.running)
        self.waiting -= admitted
        self.running += admitted
        self._preempt(load)
        if load.requests_per_second <= 0 and self.running < 0.5:  # noqa: PLR2004  (half a request)
            self.running = 0.0
        while self._done >= 1:
            self._done -= 1
            yield self._finish(load, queue, step)

    def _preempt(self, load: Load) -> None:
        """A full cache evicts the youngest now and then, and computes it again."""
        full = 0.97
        if self.waiting > 0 and self.kv_share(load) > full:
            self.preemptions += self._dice.random() < 0.2  # noqa: PLR2004  (one step in five)

    def _arrivals(self, expected: float) -> float:
        if expected <= 0:
            return 0.0
        spread = self._dice.gauss(0, math.sqrt(expected))
        return max(0.0, expected + 0.5 * spread)

    def _finish(self, load: Load, queue: float, step: float) -> Finished:
        prompt = max(1, round(self._near(load.prompt_tokens, 0.5)))
        cached = min(prompt - 1, round(prompt * min(0.95, self._near(load.prefix_share, 0.3))))
        output = max(1, round(self._near(load.output_tokens, 0.5)))
        prefill = self.machine.prefill(prompt - cached, self.running)
        return Finished(
            prompt=prompt,
            cached=max(0, cached),
            output=output,
            queue=queue * self._dice.random() * 2,
            prefill=self._near(prefill, 0.2),
            step=self._near(step, 0.15),
            is_error=self._dice.random() < load.error_share,
        )

    def _near(self, mean: float, sigma: float) -> float:
        return mean * self._dice.lognormvariate(-sigma * sigma / 2, sigma)


def machine_for(
    *, max_num_seqs: int, devices: int, utilization: float, fp8_cache: bool, max_model_len: int
) -> Machine:
    """More devices are faster, though not in proportion, and hold more."""
    count = max(1, devices)
    room = int(260_000 * count * max(0.05, utilization) * (2 if fp8_cache else 1))
    return Machine(
        max_num_seqs=max_num_seqs,
        kv_tokens=max(room, max_model_len),
        prefill_tokens_per_second=7_000 * count**0.85,
        step_seconds=0.022 / count**0.6,
    )
