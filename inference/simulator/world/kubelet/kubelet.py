"""The kubelets of all nodes: one worker for each pod that was given a node of this world."""

from collections.abc import Iterable, Iterator

from inference.simulator.errors import Object
from inference.simulator.events import DELETED, Event
from inference.simulator.world.context import Context
from inference.simulator.world.kubelet.pods import Launch, PodWorker
from inference.simulator.world.nodes import Nodes
from inference.simulator.world.scenarios import Scenarios

_FINISHED = {"Succeeded", "Failed"}


class Kubelets:
    kinds = ("Pod", "ConfigMap", "Secret")

    def __init__(self, context: Context, nodes: Nodes, launch: Launch) -> None:
        self._context, self._nodes, self._launch = context, nodes, launch
        self._workers: dict[str, PodWorker] = {}
        self._images: dict[str, set[str]] = {}
        self._scenarios = Scenarios()

    @property
    def scenarios(self) -> Scenarios:
        return self._scenarios

    @scenarios.setter
    def scenarios(self, scenarios: Scenarios) -> None:
        """In force at once; what waits for a pull tries again."""
        self._scenarios = scenarios
        for worker in list(self._workers.values()):
            worker.wake()

    def hear(self, event: Event) -> Iterable[tuple[str, str, str]]:
        metadata = event.object["metadata"]
        if event.resource.kind != "Pod":
            yield ("namespace", metadata["namespace"], "")
            return
        worker = self._workers.get(metadata["uid"])
        if event.type == DELETED:
            if worker is not None:
                yield ("gone", metadata["uid"], "")
        elif worker is not None or event.object["spec"].get("nodeName") in self._nodes:
            yield ("pod", metadata["namespace"], metadata["name"])

    def look(self, key: tuple[str, str, str]) -> None:
        what, first, second = key
        if what == "namespace":
            for worker in [one for one in self if one.obj["metadata"]["namespace"] == first]:
                worker.wake()
        elif what == "gone":
            found = self._workers.get(first)
            if found is not None:
                found.vanish()
        else:
            pod = self._context.view.one("Pod", first, second)
            if pod is not None:
                self._follow(pod)

    def __iter__(self) -> Iterator[PodWorker]:
        return iter(list(self._workers.values()))

    def worker(self, namespace: str, name: str) -> PodWorker | None:
        for one in self._workers.values():
            metadata = one.obj["metadata"]
            if (metadata["namespace"], metadata["name"]) == (namespace, name):
                return one
        return None

    def _follow(self, pod: Object) -> None:
        uid = pod["metadata"]["uid"]
        worker = self._workers.get(uid)
        if worker is not None:
            worker.follow(pod)
            return
        if (pod.get("status") or {}).get("phase") in _FINISHED:
            return
        node = pod["spec"]["nodeName"]
        worker = PodWorker(
            self._context,
            pod,
            self._nodes,
            self._images.setdefault(node, set()),
            lambda: self._scenarios,
            self._launch,
            self._forget,
        )
        self._workers[uid] = worker
        worker.begin()
        worker.follow(pod)

    def _forget(self, worker: PodWorker) -> None:
        self._workers.pop(worker.uid, None)
