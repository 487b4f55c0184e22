"""Which pages are scraped, from PodMonitors and ServiceMonitors, with the operator's labels."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from inference.simulator.errors import Object
from inference.simulator.world.prometheus.samples import Labels
from inference.simulator.world.selecting import has_labels, labels_of, selects
from inference.simulator.world.view import View


@dataclass(frozen=True, slots=True)
class Target:
    """One page of one pod; its labels are laid over those of its samples."""

    address: str
    port: int
    path: str
    labels: Labels


def targets(view: View) -> Iterator[Target]:
    """In namespaces of their own monitors, ports by name: what Waybill's monitors ask for."""
    for monitor in view.all("PodMonitor"):
        namespace, spec = monitor["metadata"]["namespace"], monitor["spec"]
        job = f"{namespace}/{monitor['metadata']['name']}"
        for pod in view.all("Pod", namespace):
            if selects(spec.get("selector"), pod):
                more = {"job": job, **_copied(pod, spec.get("podTargetLabels"))}
                for endpoint in spec.get("podMetricsEndpoints") or ():
                    yield from _of_pod(pod, str(endpoint.get("port", "")), endpoint, more)
    for monitor in view.all("ServiceMonitor"):
        spec = monitor["spec"]
        for service in view.all("Service", monitor["metadata"]["namespace"]):
            if selects(spec.get("selector"), service):
                yield from _of_service(view, service, spec)


def _of_service(view: View, service: Object, spec: Object) -> Iterator[Target]:
    namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
    more = {"job": name, "service": name, **_copied(service, spec.get("targetLabels"))}
    wanted = service["spec"].get("selector") or {}
    pods = [pod for pod in view.all("Pod", namespace) if wanted and has_labels(pod, wanted)]
    for endpoint in spec.get("endpoints") or ():
        for port in service["spec"].get("ports") or ():
            if port.get("name", "") == endpoint.get("port"):
                for pod in pods:
                    aim = port.get("targetPort", port["port"])
                    named = {**more, "endpoint": str(endpoint["port"])}
                    yield from _of_pod(pod, aim, endpoint, named)


def _of_pod(
    pod: Object, port: int | str, endpoint: Object, more: dict[str, str]
) -> Iterator[Target]:
    address = (pod.get("status") or {}).get("podIP")
    if not address:
        return
    for container in pod["spec"]["containers"]:
        for one in container.get("ports") or ():
            if port in {one.get("name"), one["containerPort"]}:
                labels = {
                    "namespace": pod["metadata"]["namespace"],
                    "pod": pod["metadata"]["name"],
                    "container": container["name"],
                    "endpoint": str(port),
                    "instance": f"{address}:{one['containerPort']}",
                    **more,
                }
                path = endpoint.get("path") or "/metrics"
                yield Target(address, one["containerPort"], path, tuple(sorted(labels.items())))


def _copied(obj: Object, names: list[str] | None) -> dict[str, str]:
    """Labels of an object that become labels of its series, spelled as those may be."""
    given = labels_of(obj)
    return {re.sub(r"\W", "_", name): given[name] for name in names or () if name in given}
