"""What a namespace gets with its first breath: the account `default`, and the cluster's CA."""

from collections.abc import Iterable

from inference.simulator.errors import ApiError, Object
from inference.simulator.events import Event
from inference.simulator.world.context import Context
from inference.simulator.world.deployments import BY
from inference.simulator.world.identities import is_leaving


class Accounts:
    kinds = ("Namespace", "ServiceAccount")

    def __init__(self, context: Context) -> None:
        self._context = context

    def hear(self, event: Event) -> Iterable[str]:
        metadata = event.object["metadata"]
        if event.resource.kind == "Namespace":
            yield metadata["name"]
        elif metadata["name"] == "default":
            yield metadata["namespace"]

    def look(self, name: str) -> None:
        namespace = self._context.view.one("Namespace", "", name)
        if namespace is None or is_leaving(namespace):
            return
        if self._context.view.one("ServiceAccount", name, "default") is None:
            self._make("ServiceAccount", name, "default", {})
        if self._context.view.one("ConfigMap", name, "kube-root-ca.crt") is None:
            self._make("ConfigMap", name, "kube-root-ca.crt", {"data": {"ca.crt": ""}})

    def _make(self, kind: str, namespace: str, name: str, content: Object) -> None:
        metadata = {"name": name, "namespace": namespace}
        made = {"apiVersion": "v1", "kind": kind, "metadata": metadata, **content}
        try:
            self._context.store.create(made, manager=BY)
        except ApiError as refusal:
            if refusal.code not in {403, 404, 409}:
                raise
