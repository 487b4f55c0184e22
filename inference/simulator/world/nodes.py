"""Nodes: what they offer, their heartbeats, and the addresses they give to pods."""

from collections.abc import Iterator

from inference.simulator.errors import ApiError, Object
from inference.simulator.world import conditions
from inference.simulator.world.config import NodeSpec
from inference.simulator.world.context import Context

BY = "kubelet"
_LEASES = "kube-node-lease"
_CALM = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)


class Nodes:
    """The nodes of a world. One that is `silent` sends no heartbeat, and soon is not ready."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._specs: dict[str, NodeSpec] = {}
        self._numbers: dict[str, int] = {}
        self._taken: dict[str, set[int]] = {}
        self._last: dict[str, int] = {}
        self._silent_since: dict[str, float] = {}

    def register(self) -> None:
        for spec in self._context.config.nodes:
            for number in range(1, spec.count + 1):
                self._register(spec, f"{spec.name}-{number}")
        self._beat()

    def __contains__(self, name: str) -> bool:
        return name in self._specs

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def address(self, name: str) -> str:
        return f"10.244.{self._numbers[name]}.1"

    def take_address(self, name: str) -> str:
        """One that no pod of this node has; an address comes round again as late as possible."""
        taken, last = self._taken[name], self._last[name]
        for step in range(1, 254):
            number = (last - 2 + step) % 253 + 2
            if number not in taken:
                taken.add(number)
                self._last[name] = number
                return f"10.244.{self._numbers[name]}.{number}"
        raise ValueError(f"node {name} has no address left")

    def give_back(self, name: str, address: str) -> None:
        self._taken[name].discard(int(address.rsplit(".", 1)[1]))

    def silence(self, name: str, *, silent: bool = True) -> None:
        """Stop the heartbeat of a node, or start it again."""
        if silent:
            self._silent_since.setdefault(name, self._context.timers.now())
        else:
            self._silent_since.pop(name, None)

    def _register(self, spec: NodeSpec, name: str) -> None:
        number = len(self._specs) + 1
        self._specs[name], self._numbers[name] = spec, number
        self._taken[name], self._last[name] = set(), 1
        labels = {
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64",
        }
        body: Object = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": labels | dict(spec.labels)},
            "spec": {
                "podCIDR": f"10.244.{number}.0/24",
                "podCIDRs": [f"10.244.{number}.0/24"],
            },
        }
        if spec.taints:
            body["spec"]["taints"] = [dict(taint) for taint in spec.taints]
        if self._context.view.one("Node", "", name) is None:
            self._context.store.create(body, manager=BY)

    def _beat(self) -> None:
        """Every node renews its lease; the status only when something changed."""
        for name in self._specs:
            silent_since = self._silent_since.get(name)
            if silent_since is None:
                self._renew(name)
                self._report(name, is_heard=True)
            elif self._context.timers.now() - silent_since > self._context.config.lease_seconds:
                self._report(name, is_heard=False)
        self._context.timers.after(self._context.config.heartbeat, self._beat)

    def _renew(self, name: str) -> None:
        exact = self._context.store.clock().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        spec = {
            "holderIdentity": name,
            "leaseDurationSeconds": self._context.config.lease_seconds,
            "renewTime": exact,
        }
        lease: Object = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": name, "namespace": _LEASES},
            "spec": spec,
        }
        found = self._context.view.one("Lease", _LEASES, name)
        try:
            if found is None:
                self._context.store.create(lease, manager=BY)
            else:
                self._context.write({**found, "spec": spec}, by=BY)
        except ApiError as refusal:
            if refusal.code not in {403, 404, 409}:
                raise

    def _report(self, name: str, *, is_heard: bool) -> None:
        node = self._context.view.one("Node", "", name)
        if node is None:
            return
        status = _status(
            node,
            self._specs[name],
            self.address(name),
            self._context.config.version,
            now=self._context.stamp(),
            is_heard=is_heard,
        )
        before = {**(node.get("status") or {})}
        if _without_beats(before) != _without_beats(status):
            self._context.write_status(node, status, by=BY)


def _status(
    node: Object, spec: NodeSpec, address: str, version: str, *, now: str, is_heard: bool
) -> Object:
    offered = {"cpu": "192", "memory": "2Ti", "ephemeral-storage": "4Ti", "pods": "110"}
    offered |= dict(spec.resources)
    before = conditions.of(node)
    if is_heard:
        said = [(kind, False, reason, text) for kind, reason, text in _CALM]
        words = [("Ready", True, "KubeletReady", "kubelet is posting ready status")]
        found = [conditions.condition(*one, now=now, before=before) for one in [*said, *words]]
    else:
        text = "Kubelet stopped posting node status."
        kinds = [*(kind for kind, _, _ in _CALM), "Ready"]
        found = [
            conditions.condition(kind, "Unknown", "NodeStatusUnknown", text, now=now, before=before)
            for kind in kinds
        ]
    return {
        "capacity": offered,
        "allocatable": dict(offered),
        "conditions": [{**one, "lastHeartbeatTime": now} for one in found],
        "addresses": [
            {"type": "InternalIP", "address": address},
            {"type": "Hostname", "address": node["metadata"]["name"]},
        ],
        "nodeInfo": {
            "kubeletVersion": version,
            "containerRuntimeVersion": "simulated://1",
            "osImage": "a process of the simulator",
            "architecture": "amd64",
            "operatingSystem": "linux",
        },
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
    }


def _without_beats(status: Object) -> Object:
    words = [
        {name: text for name, text in one.items() if name != "lastHeartbeatTime"}
        for one in status.get("conditions") or ()
    ]
    return {**status, "conditions": words}
