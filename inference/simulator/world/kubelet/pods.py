"""One pod on its node: brings it up, keeps it as its spec wants, takes it down."""

from collections.abc import Callable

from inference.simulator.errors import Object
from inference.simulator.world.context import Context
from inference.simulator.world.kubelet.containers import Container
from inference.simulator.world.kubelet.contents import Contents, NotYet
from inference.simulator.world.kubelet.pod_status import Seen, status_of
from inference.simulator.world.nodes import BY, Nodes
from inference.simulator.world.processes import Process, Program
from inference.simulator.world.scenarios import Fate, Scenarios
from inference.simulator.world.telling import Source
from inference.simulator.world.timers import Timer

Launch = Callable[[Process], Program]
_LONGEST_MOUNT_RETRY = 122.0


class PodWorker:
    """`obj` is the pod as the store has it; `gone` is called with the last of its containers."""

    def __init__(
        self,
        context: Context,
        pod: Object,
        nodes: Nodes,
        images: set[str],
        scenarios: Callable[[], Scenarios],
        launch: Launch,
        gone: Callable[["PodWorker"], None],
    ) -> None:
        self._context, self._nodes, self._images = context, nodes, images
        self._scenarios, self._launch, self._gone = scenarios, launch, gone
        self.obj = pod
        self.node: str = pod["spec"]["nodeName"]
        self.address = nodes.take_address(self.node)
        self.is_leaving, self._is_up, self._is_gone = False, False, False
        self._mount_retry, self._timer = 0.5, None
        contents = Contents(context.view, pod, self.address)
        self._contents = contents
        inits = pod["spec"].get("initContainers") or ()
        beside = [one for one in inits if one.get("restartPolicy") == "Always"]
        self.containers = [Container(context, self, contents, one, beside=True) for one in beside]
        self.containers += [
            Container(context, self, contents, one) for one in pod["spec"]["containers"]
        ]

    _timer: Timer | None

    @property
    def uid(self) -> str:
        return str(self.obj["metadata"]["uid"])

    @property
    def restart_policy(self) -> str:
        return str(self.obj["spec"].get("restartPolicy", "Always"))

    def begin(self) -> None:
        """Mount, then start the containers. What cannot be mounted is tried again and again."""
        if self._is_up or self.is_leaving:
            return
        if self._timer is not None:
            self._timer.cancel()
        try:
            self._contents.check_volumes()
        except NotYet as missing:
            failed = f'MountVolume.SetUp failed for volume "{missing.volume}"'
            self.tell("Warning", "FailedMount", f"{failed} : {missing.message}")
            self._timer = self._context.timers.after(self._mount_retry, self.begin)
            self._mount_retry = min(_LONGEST_MOUNT_RETRY, self._mount_retry * 2)
            self.changed()
            return
        self._is_up = True
        for container in self.containers:
            container.begin()
        self.changed()

    def wake(self) -> None:
        """Something the pod may have waited for has changed."""
        if not self._is_up:
            self.begin()
        else:
            for container in self.containers:
                container.wake()

    def follow(self, pod: Object) -> None:
        """The pod has changed in the store."""
        self.obj = pod
        if "deletionTimestamp" in pod["metadata"] and not self.is_leaving:
            self._leave(float(pod["metadata"].get("deletionGracePeriodSeconds", 30)))

    def vanish(self) -> None:
        """The pod is gone from the store: its processes are killed without a word."""
        self.is_leaving = self._is_gone = True
        for container in self.containers:
            container.give_up()
        self._free()

    def changed(self) -> None:
        """Something about a container is different now."""
        if self._is_gone:
            return
        self._report()
        if self.is_leaving and all(one.running is None for one in self.containers):
            self._is_gone = True
            self._free()
            self._context.remove(self.obj, grace_seconds=0)

    def fate_of(self, container: str) -> Fate:
        return self._scenarios().of(self.obj, container)

    def has_image(self, image: str) -> bool:
        return image in self._images

    def keep_image(self, image: str) -> None:
        self._images.add(image)

    def launch(self, process: Process) -> Program:
        return self._launch(process)

    def tell(self, kind: str, reason: str, message: str, container: str = "") -> None:
        path = f"spec.containers{{{container}}}" if container else ""
        source = Source("kubelet", host=self.node)
        self._context.teller.tell(source, self.obj, kind, reason, message, path=path)

    def _leave(self, grace: float) -> None:
        self.is_leaving = True
        if self._timer is not None:
            self._timer.cancel()
        for container in self.containers:
            if container.running is not None:
                self.tell(
                    "Normal", "Killing", f"Stopping container {container.name}", container.name
                )
        for container in self.containers:
            container.stop(grace)
        self.changed()

    def _free(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._nodes.give_back(self.node, self.address)
        self._gone(self)

    def _report(self) -> None:
        seen = [_seen(container) for container in self.containers]
        namespace, name = self.obj["metadata"]["namespace"], self.obj["metadata"]["name"]
        found = self._context.view.one("Pod", namespace, name)
        if found is None or found["metadata"]["uid"] != self.uid:
            return
        status = status_of(
            found,
            seen,
            address=self.address if self._is_up else "",
            host=self._nodes.address(self.node),
            has_sandbox=self._is_up and not self._is_over(),
            initialized=self._is_up or not found["spec"].get("initContainers"),
            now=self._context.stamp(),
        )
        self._context.write_status(found, status, by=BY)

    def _is_over(self) -> bool:
        return all(one.running is None and one.is_finished for one in self.containers)


def _seen(container: Container) -> Seen:
    ran = container.running is not None or container.last or container.is_finished
    return Seen(
        name=container.name,
        image=container.spec["image"],
        state=container.state,
        last=container.last,
        restarts=container.restarts,
        ready=container.ready,
        started=container.started,
        identity=container.identity if ran else "",
        is_beside=container.is_beside,
    )
