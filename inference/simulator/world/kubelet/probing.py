"""The probes of one running container: asked in time, and what they decide."""

from collections.abc import Callable

from inference.simulator.errors import Object
from inference.simulator.world.context import Context
from inference.simulator.world.kubelet.housing import Pod
from inference.simulator.world.kubelet.probes import Probe, failure, probes_of
from inference.simulator.world.processes import Program
from inference.simulator.world.timers import Timer


class Probing:
    """`failed` hears, once, which probe wants the container restarted."""

    def __init__(
        self,
        context: Context,
        pod: Pod,
        spec: Object,
        program: Program,
        failed: Callable[[str], None],
    ) -> None:
        self._context, self._pod, self._spec = context, pod, spec
        self._program, self._failed = program, failed
        self._probes = probes_of(spec)
        self._timers: dict[str, Timer] = {}
        self._is_over = False
        self.started = "startup" not in self._probes
        self.ready = self.started and "readiness" not in self._probes

    def begin(self) -> None:
        """Before the startup probe has passed only it counts; afterwards it does not."""
        first = ("readiness", "liveness") if self.started else ("startup",)
        for kind in first:
            if kind in self._probes:
                self._after(self._probes[kind].delay, self._probes[kind])

    def end(self) -> None:
        """The container is being stopped, and is not asked any more."""
        self._is_over = True
        for timer in self._timers.values():
            timer.cancel()

    def _after(self, seconds: float, probe: Probe) -> None:
        self._timers[probe.kind] = self._context.timers.after(seconds, lambda: self._ask(probe))

    def _ask(self, probe: Probe) -> None:
        if self._is_over:
            return
        name = str(self._spec["name"])
        hangs = probe.kind in self._pod.fate_of(name).hang
        wrong = failure(probe, self._spec, self._pod.address, self._program, hangs=hangs)
        if wrong:
            message = f"{probe.kind.capitalize()} probe failed: {wrong}"
            self._pod.tell("Warning", "Unhealthy", message, name)
        probe.take(not wrong)
        self._decide(probe)

    def _decide(self, probe: Probe) -> None:
        if probe.kind == "startup" and probe.passed:
            self.started, self.ready = True, "readiness" not in self._probes
            self._pod.changed()
            self.begin()
        elif probe.kind != "readiness" and probe.passed is False:
            self.end()
            self.ready = False
            self._failed(probe.kind)
        else:
            if probe.kind == "readiness":
                self._is_ready(probe.passed is True)
            self._after(probe.period, probe)

    def _is_ready(self, ready: bool) -> None:
        if ready != self.ready:
            self.ready = ready
            self._pod.changed()
