"""One container: from its image to its process, through crashes and probes, to its end."""

from collections.abc import Callable
from dataclasses import dataclass

from inference.simulator.errors import Object
from inference.simulator.world.context import Context
from inference.simulator.world.kubelet.contents import Contents, NotYet, expanded
from inference.simulator.world.kubelet.housing import Pod
from inference.simulator.world.kubelet.probing import Probing
from inference.simulator.world.processes import Log, Process, Program
from inference.simulator.world.timers import Timer

_LONGEST_BACKOFF = 300.0
_FORGIVEN_AFTER = 600.0
_CONFIG_RETRY, _PULL_RETRY, _REPORTED_AS_ERROR = 10.0, 10.0, 2.0
_KILLED = 137


@dataclass(slots=True)
class Running:
    process: Process
    program: Program
    probing: Probing
    since: float
    started_at: str


class Container:
    """Its `state`, `last`, `ready`, `started` and `restarts` are what the pod's status says."""

    def __init__(
        self, context: Context, pod: Pod, contents: Contents, spec: Object, *, beside: bool = False
    ) -> None:
        self._context, self._pod, self._contents = context, pod, contents
        self.spec, self.name, self.is_beside = spec, str(spec["name"]), beside
        self.log = Log()
        self.state: Object = {"waiting": {"reason": "ContainerCreating"}}
        self.last: Object = {}
        self.restarts, self.is_finished = 0, False
        self.running: Running | None = None
        self._failures, self._backoff, self._pulls = 0, 0.0, 0
        self._timer: Timer | None = None

    def begin(self) -> None:
        """Bring it up, as far as it goes; what is missing is tried again."""
        if self.running or self.is_finished or self._pod.is_leaving:
            return
        self._cancel()
        image = self.spec["image"]
        fate = self._pod.fate_of(self.name)
        if not fate.pull and self._pod.has_image(image):
            message = f'Container image "{image}" already present on machine'
            self._pod.tell("Normal", "Pulled", message, self.name)
            self._start()
            return
        self._pod.tell("Normal", "Pulling", f'Pulling image "{image}"', self.name)
        self._later(self._context.config.pull_seconds, self._pulled)

    def wake(self) -> None:
        """Something it may have waited for has changed; a crash still waits for its time."""
        waiting = (self.state.get("waiting") or {}).get("reason", "")
        if waiting in {"ImagePullBackOff", "CreateContainerConfigError"}:
            self.begin()

    def stop(self, grace: float) -> None:
        """SIGTERM now, and the end after `grace` seconds at the latest."""
        self._cancel()
        if self.running is None:
            return
        running = self.running
        self._later(grace, lambda: running.process.exit(_KILLED))
        running.program.stop()

    def give_up(self) -> None:
        """The pod is gone without farewell."""
        self._cancel()
        if self.running is not None:
            running, self.running = self.running, None
            running.process.ended = lambda _code, _reason: None
            running.process.exit(_KILLED)

    def _pulled(self) -> None:
        image, fate = self.spec["image"], self._pod.fate_of(self.name)
        if fate.pull:
            self._not_pulled(image, fate.pull)
            return
        self._pulls = 0
        self._pod.keep_image(image)
        took = f"{self._context.config.pull_seconds:g}s"
        message = f'Successfully pulled image "{image}" in {took} ({took} including waiting)'
        self._pod.tell("Normal", "Pulled", f"{message}. Image size: 9663676416 bytes.", self.name)
        self._start()

    def _not_pulled(self, image: str, why: str) -> None:
        error = f'failed to pull and unpack image "{image}": {why}'
        self._pod.tell("Warning", "Failed", f'Failed to pull image "{image}": {error}', self.name)
        self._pod.tell("Warning", "Failed", "Error: ErrImagePull", self.name)
        self._wait("ErrImagePull", error)
        self._pulls += 1
        self._later(_REPORTED_AS_ERROR, lambda: self._back_off_pulling(image, error))

    def _back_off_pulling(self, image: str, error: str) -> None:
        message = f'Back-off pulling image "{image}"'
        self._pod.tell("Normal", "BackOff", message, self.name)
        self._pod.tell("Warning", "Failed", "Error: ImagePullBackOff", self.name)
        self._wait("ImagePullBackOff", f"{message}: ErrImagePull: {error}")
        pause = min(_LONGEST_BACKOFF, _PULL_RETRY * 2 ** (self._pulls - 1))
        self._later(pause, self.begin)

    def _start(self) -> None:
        try:
            environment = self._contents.environment(self.spec)
            files = self._contents.files(self.spec)
        except NotYet as missing:
            self._pod.tell("Warning", "Failed", f"Error: {missing.message}", self.name)
            self._wait("CreateContainerConfigError", missing.message)
            self._later(_CONFIG_RETRY, self.begin)
            return
        self._pod.tell("Normal", "Created", "Container created", self.name)
        self._pod.tell("Normal", "Started", "Container started", self.name)
        self.restarts = self._failures
        self._run(environment, files)

    def _run(self, environment: dict[str, str], files: dict[str, str]) -> None:
        words = [*(self.spec.get("command") or ()), *(self.spec.get("args") or ())]
        process = Process(
            pod=self._pod.obj,
            container=self.spec,
            address=self._pod.address,
            words=_expanded(words, environment),
            environment=environment,
            files=files,
            fate=self._pod.fate_of(self.name),
            log=self.log,
            timers=self._context.timers,
            network=self._context.network,
            dice=self._context.dice,
            ended=self._ended,
        )
        stamp = self._context.stamp()
        program = self._pod.launch(process)
        probing = Probing(self._context, self._pod, self.spec, program, self._kill)
        self.running = Running(process, program, probing, self._context.timers.now(), stamp)
        self.state = {"running": {"startedAt": stamp}}
        probing.begin()
        self._pod.changed()
        self._fare(process, program)

    def _fare(self, process: Process, program: Program) -> None:
        """The process begins, or what the scenario has for it instead."""
        fate = process.fate
        if fate.oom is not None:
            process.after(fate.oom, lambda: process.exit(_KILLED, "OOMKilled"))
        if fate.exit is not None:
            code = fate.exit
            if fate.say:
                process.say(fate.say)
            process.after(fate.load or 0.0, lambda: process.exit(code))
        elif fate.load:
            process.after(fate.load, program.start)
        else:
            program.start()

    def _ended(self, code: int, reason: str) -> None:
        if self.running is None:
            return
        self._cancel()
        running, self.running = self.running, None
        done: Object = {
            "exitCode": code,
            "reason": reason,
            "startedAt": running.started_at,
            "finishedAt": self._context.stamp(),
            "containerID": self.identity,
        }
        says_log = self.spec.get("terminationMessagePolicy") == "FallbackToLogsOnError"
        if code and says_log:
            done["message"] = self.log.last_words()
        self.state = {"terminated": done}
        policy = "Always" if self.is_beside else self._pod.restart_policy
        finished = policy == "Never" or (policy == "OnFailure" and code == 0)
        self.is_finished = self._pod.is_leaving or finished
        if not self.is_finished:
            self._again(lived=self._context.timers.now() - running.since)
        self._pod.changed()

    def _again(self, lived: float) -> None:
        """The first restart is at once, later ones wait longer and longer."""
        self.last, self._failures = self.state, self._failures + 1
        first = self._context.config.crash_backoff
        if self._failures == 1 or lived > _FORGIVEN_AFTER:
            self._backoff = 0.0
            self._later(0, self.begin)
            return
        self._backoff = min(_LONGEST_BACKOFF, self._backoff * 2 or first)
        pod = self._pod.obj["metadata"]
        title = f"{pod['name']}_{pod['namespace']}({pod['uid']})"
        message = f"back-off {_spoken(self._backoff)} restarting failed container={self.name}"
        self.state = {
            "waiting": {"reason": "CrashLoopBackOff", "message": f"{message} pod={title}"}
        }
        event = f"Back-off restarting failed container {self.name} in pod {title}"
        self._pod.tell("Warning", "BackOff", event, self.name)
        self._later(self._backoff, self.begin)

    @property
    def identity(self) -> str:
        return f"simulated://{self._pod.obj['metadata']['uid']}/{self.name}/{self.restarts}"

    def _kill(self, kind: str) -> None:
        message = f"Container {self.name} failed {kind} probe, will be restarted"
        self._pod.tell("Normal", "Killing", message, self.name)
        self.stop(float(self._pod.obj["spec"].get("terminationGracePeriodSeconds", 30)))
        self._pod.changed()

    @property
    def started(self) -> bool:
        return self.running is not None and self.running.probing.started

    @property
    def ready(self) -> bool:
        return self.running is not None and self.running.probing.ready

    def _wait(self, reason: str, message: str) -> None:
        self.state = {"waiting": {"reason": reason, "message": message}}
        self._pod.changed()

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._context.timers.after(seconds, call)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self.running is not None:
            self.running.probing.end()


def _expanded(words: list[str], environment: dict[str, str]) -> list[str]:
    return [expanded(str(word), environment) for word in words]


def _spoken(seconds: float) -> str:
    """As Go prints a duration: 40s, 1m20s, 5m0s."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f}m{rest:g}s" if minutes else f"{rest:g}s"
