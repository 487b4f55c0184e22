"""Pod disruption budgets: how many pods may go now."""

from collections.abc import Iterable, Sequence

from inference.simulator.errors import Object
from inference.simulator.events import Event
from inference.simulator.world import conditions
from inference.simulator.world.context import Context
from inference.simulator.world.deployments import BY
from inference.simulator.world.identities import Key, controller_of, is_leaving, key_of
from inference.simulator.world.rollout import scaled
from inference.simulator.world.selecting import selects


class Budgets:
    kinds = ("PodDisruptionBudget", "Pod", "Deployment")

    def __init__(self, context: Context) -> None:
        self._context = context

    def hear(self, event: Event) -> Iterable[Key]:
        obj = event.object
        if event.resource.kind == "PodDisruptionBudget":
            yield key_of(obj)
            return
        for budget in self._context.view.all("PodDisruptionBudget", obj["metadata"]["namespace"]):
            template = obj if event.resource.kind == "Pod" else _as_pod(obj)
            if selects(budget["spec"].get("selector"), template):
                yield key_of(budget)

    def look(self, key: Key) -> None:
        namespace, name = key
        budget = self._context.view.one("PodDisruptionBudget", namespace, name)
        if budget is None:
            return
        found = self._context.view.all("Pod", namespace)
        pods = [pod for pod in found if selects(budget["spec"].get("selector"), pod)]
        status = status_of(budget, pods, self._expected(pods), self._context.stamp())
        self._context.write_status(budget, status, by=BY)

    def _expected(self, pods: Sequence[Object]) -> int:
        """What the owners of the pods ask for; a pod of its own counts for itself."""
        wanted: dict[str, int] = {}
        for pod in pods:
            owner = controller_of(pod)
            namespace = pod["metadata"]["namespace"]
            above = owner and self._context.view.one(owner["kind"], namespace, owner["name"])
            top = controller_of(above) if above else None
            if top:
                above = self._context.view.one(top["kind"], namespace, top["name"])
            uid = (above or pod)["metadata"]["uid"]
            wanted[uid] = above["spec"].get("replicas", 1) if above else 1
        return sum(wanted.values())


def status_of(budget: Object, pods: Sequence[Object], expected: int, now: str) -> Object:
    """Pure. `expected` is how many pods their owners ask for."""
    spec = budget["spec"]
    healthy = sum(
        conditions.is_true(conditions.of(pod), "Ready") and not is_leaving(pod) for pod in pods
    )
    if "maxUnavailable" in spec:
        desired = max(0, expected - scaled(spec["maxUnavailable"], expected, round_up=True))
    else:
        least = spec.get("minAvailable", 1)
        expected = len(pods) if isinstance(least, int) else expected
        desired = scaled(least, expected, round_up=True)
    allowed = max(0, healthy - desired) if expected else 0
    generation = budget["metadata"].get("generation", 1)
    word = conditions.condition(
        "DisruptionAllowed",
        allowed > 0,
        "SufficientPods" if allowed > 0 else "InsufficientPods",
        now=now,
        before=conditions.of(budget),
        generation=generation,
    )
    return {
        "observedGeneration": generation,
        "disruptionsAllowed": allowed,
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "expectedPods": expected,
        "conditions": [{**word, "message": ""}],
    }


def _as_pod(deployment: Object) -> Object:
    return {"metadata": deployment["spec"]["template"].get("metadata") or {}}
