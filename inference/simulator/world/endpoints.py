"""EndpointSlices: where the pods behind each Service are, and whether they answer."""

from collections.abc import Iterable, Sequence

from inference.simulator.errors import ApiError, Object
from inference.simulator.events import Event
from inference.simulator.values import copied
from inference.simulator.world import conditions
from inference.simulator.world.context import Context
from inference.simulator.world.deployments import BY
from inference.simulator.world.identities import (
    Key,
    generated,
    is_leaving,
    key_of,
    owner_reference,
)
from inference.simulator.world.selecting import has_labels

SERVICE = "kubernetes.io/service-name"
_KEEPER = "endpointslice.kubernetes.io/managed-by"


class Endpoints:
    kinds = ("Service", "Pod", "EndpointSlice")

    def __init__(self, context: Context) -> None:
        self._context = context

    def hear(self, event: Event) -> Iterable[Key]:
        obj = event.object
        namespace = obj["metadata"]["namespace"]
        if event.resource.kind == "Service":
            yield key_of(obj)
        elif event.resource.kind == "EndpointSlice":
            service = (obj["metadata"].get("labels") or {}).get(SERVICE)
            if service:
                yield (namespace, service)
        else:
            seen = (obj, event.previous or obj)
            for service in self._context.view.all("Service", namespace):
                wanted = service["spec"].get("selector")
                if wanted and any(has_labels(one, wanted) for one in seen):
                    yield key_of(service)

    def look(self, key: Key) -> None:
        namespace, name = key
        service = self._context.view.one("Service", namespace, name)
        if service is None or is_leaving(service) or not service["spec"].get("selector"):
            return
        pods = [
            pod
            for pod in self._context.view.all("Pod", namespace)
            if has_labels(pod, service["spec"]["selector"])
            and (pod.get("status") or {}).get("podIP")
        ]
        slices = self._context.view.controlled("EndpointSlice", service)
        wanted = {"endpoints": _endpoints(pods), "ports": _ports(service, pods)}
        if slices:
            changed = copied(slices[0]) | wanted
            if changed != slices[0]:
                self._context.write(changed, by=BY)
            return
        self._make(service, wanted)

    def _make(self, service: Object, content: Object) -> None:
        namespace, name = key_of(service)
        made: Object = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": generated(f"{name}-", self._context.dice),
                "generateName": f"{name}-",
                "namespace": namespace,
                "labels": {
                    **(service["metadata"].get("labels") or {}),
                    SERVICE: name,
                    _KEEPER: "endpointslice-controller.k8s.io",
                },
                "ownerReferences": [owner_reference(service)],
            },
            "addressType": "IPv4",
            **content,
        }
        try:
            self._context.store.create(made, manager=BY)
        except ApiError as refusal:
            if refusal.code not in {403, 404, 409}:
                raise


def _endpoints(pods: Sequence[Object]) -> list[Object]:
    return [
        {
            "addresses": [pod["status"]["podIP"]],
            "conditions": _says(pod),
            "nodeName": pod["spec"].get("nodeName", ""),
            "targetRef": {
                "kind": "Pod",
                "name": pod["metadata"]["name"],
                "namespace": pod["metadata"]["namespace"],
                "uid": pod["metadata"]["uid"],
            },
        }
        for pod in pods
        if pod["status"].get("phase") not in {"Succeeded", "Failed"}
    ]


def _says(pod: Object) -> Object:
    serving = conditions.is_true(conditions.of(pod), "Ready")
    leaving = is_leaving(pod)
    return {"ready": serving and not leaving, "serving": serving, "terminating": leaving}


def _ports(service: Object, pods: Sequence[Object]) -> list[Object]:
    ports = []
    for port in service["spec"].get("ports") or ():
        target = port.get("targetPort", port["port"])
        number = target if isinstance(target, int) else _named(target, pods)
        if number:
            made = {"name": port.get("name", ""), "port": number}
            made["protocol"] = port.get("protocol", "TCP")
            if port.get("appProtocol"):
                made["appProtocol"] = port["appProtocol"]
            ports.append(made)
    return ports


def _named(name: str, pods: Sequence[Object]) -> int:
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for port in container.get("ports") or ():
                if port.get("name") == name:
                    return int(port["containerPort"])
    return 0
