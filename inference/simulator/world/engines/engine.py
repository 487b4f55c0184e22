"""An engine in a container: reads its arguments, listens, and ends as it is told."""

import time
from collections.abc import Callable
from dataclasses import replace

from inference.simulator.world.durations import seconds_of
from inference.simulator.world.engines.answering import READ, Answering
from inference.simulator.world.engines.arguments import NotStarted, Settings, settings_of
from inference.simulator.world.engines.load import Load, Machine, machine_for
from inference.simulator.world.engines.metrics import EngineMetrics, version_of
from inference.simulator.world.engines.serving import Serving
from inference.simulator.world.images import name_and_tag
from inference.simulator.world.processes import Process
from inference.simulator.world.quantities import milli

_DRAIN_SECONDS = 0.2


class Engine:
    """`load_of` says what is asked of this engine by users that nobody sees.

    Without a scenario it takes `load_seconds` until it listens.
    """

    def __init__(
        self,
        process: Process,
        load_of: Callable[["Engine"], Load],
        *,
        pace: float,
        load_seconds: float,
    ) -> None:
        self.process = process
        self.serving: Serving | None = None
        self._load_of, self._pace, self._load_seconds = load_of, pace, load_seconds

    @property
    def place(self) -> tuple[str, int]:
        return (self.process.address, self.serving.settings.port if self.serving else 0)

    def start(self) -> None:
        process = self.process
        devices = _devices(process)
        try:
            settings = settings_of(process.words, process.environment, devices)
        except NotStarted as refusal:
            process.say(refusal.text)
            process.exit(refusal.code)
            return
        _, tag = name_and_tag(process.container["image"])
        process.say(f"INFO vLLM {tag}: model {settings.model} as {', '.join(settings.names)}")
        if process.fate.load is None and self._load_seconds:
            process.after(self._load_seconds, lambda: self._serve(settings, devices, tag))
        else:
            self._serve(settings, devices, tag)

    def _serve(self, settings: Settings, devices: int, tag: str) -> None:
        process = self.process
        metrics = EngineMetrics(version_of(tag), settings.names[0], time.time())
        self.serving = Serving(
            settings,
            self._machine(settings, devices),
            metrics,
            lambda: self._load_of(self),
            process.timers.now,
            process.dice,
        )
        _tell_cache(self.serving)
        failing = float(process.fate.flag("failure-injection-rate", 0))
        pod = process.pod["metadata"]["name"]
        app = Answering(self.serving, tag.removeprefix("v"), self._pace, failing, pod=pod)
        process.listen(settings.port, app)
        process.say("INFO Application startup complete.")

    def stop(self) -> None:
        """Requests that are inside may end, as long as the pod's grace lasts."""
        if self.serving is None or self.serving.inside == 0:
            self.process.say("INFO Finished server process")
            self.process.exit(0)
        else:
            self.process.after(_DRAIN_SECONDS, self.stop)

    def http(self, port: int, path: str) -> int | None:
        if not self.process.is_listening(port):
            return None
        return 200 if path in READ else 404

    def grpc(self, port: int, service: str) -> bool | None:
        del port, service
        return None

    def tcp(self, port: int) -> bool:
        return self.process.is_listening(port)

    def _machine(self, settings: Settings, devices: int) -> Machine:
        fate = self.process.fate
        machine = machine_for(
            max_num_seqs=settings.max_num_seqs,
            devices=devices or settings.tensor * settings.pipeline,
            utilization=settings.memory_utilization,
            fp8_cache=settings.cache_dtype.startswith("fp8"),
            max_model_len=settings.max_model_len,
        )
        first, between = fate.flag("time-to-first-token"), fate.flag("inter-token-latency")
        if first is not None:
            machine = replace(machine, first_token_seconds=seconds_of(str(first)))
        if between is not None:
            machine = replace(machine, step_seconds=seconds_of(str(between)))
        return machine


def _tell_cache(serving: Serving) -> None:
    settings, page = serving.settings, serving.metrics.page
    labels = (
        ("block_size", str(settings.block_size)),
        ("cache_dtype", settings.cache_dtype),
        ("enable_prefix_caching", str(settings.caches_prefixes)),
        ("engine", "0"),
        ("gpu_memory_utilization", f"{settings.memory_utilization:g}"),
        ("num_gpu_blocks", str(serving.blocks)),
    )
    page.set("vllm:cache_config_info", labels, 1)
    if settings.max_loras:
        adapters = (
            ("max_lora", str(settings.max_loras)),
            ("waiting_lora_adapters", ""),
            ("running_lora_adapters", ",".join(settings.adapters)),
        )
        page.set("vllm:lora_requests_info", adapters, time.time())


def _devices(process: Process) -> int:
    """How many accelerators the container was given: extended resources, whatever their name."""
    resources = process.container.get("resources") or {}
    asked = {**(resources.get("requests") or {}), **(resources.get("limits") or {})}
    counts = [
        milli(amount) // 1000
        for name, amount in asked.items()
        if "/" in name and not name.startswith("rdma/")
    ]
    return max(counts, default=0)
