"""What stands behind a backendRef, or why it cannot be used."""

from dataclasses import dataclass

from inference.simulator.errors import Object
from inference.simulator.world.gateways.problems import GATEWAY, INFERENCE, Problem
from inference.simulator.world.identities import Key
from inference.simulator.world.view import View


@dataclass(frozen=True, slots=True)
class Backend:
    """`kind` is `InferencePool` or `Service`; empty where the reference does not hold."""

    name: str
    weight: int
    kind: str = ""
    key: Key = ("", "")
    port: int = 0


def backend_of(view: View, route: Object, reference: Object) -> tuple[Backend, Problem | None]:
    here = route["metadata"]["namespace"]
    key = (reference.get("namespace") or here, reference["name"])
    group, kind = reference.get("group", ""), reference.get("kind", "Service")
    weight = int(reference.get("weight", 1))
    broken = Backend(f"{kind}/{'/'.join(key)}", weight)
    where = f"{kind} {'/'.join(key)}"
    if key[0] != here and not _is_granted(view, here, key, group, kind):
        text = f"no ReferenceGrant lets HTTPRoutes of {here} use {where}"
        return broken, Problem("RefNotPermitted", text)
    if (group, kind) not in {("", "Service"), (INFERENCE, "InferencePool")}:
        return broken, Problem("InvalidKind", f"{group}/{kind} is no kind of backend here")
    if view.one(kind, *key) is None:
        return broken, Problem("BackendNotFound", f"{where} not found")
    port = int(reference.get("port") or 0)
    return Backend(broken.name, weight, kind, key, port), None


def picker_problem(view: View, pool: Object) -> Problem | None:
    """The picker's Service is what a gateway can see of it."""
    reference = pool["spec"].get("endpointPickerRef") or {}
    key = (pool["metadata"]["namespace"], reference.get("name", ""))
    if view.one("Service", *key) is None:
        return Problem("InvalidExtensionRef", f"Service {'/'.join(key)} not found")
    return None


def _is_granted(view: View, here: str, key: Key, group: str, kind: str) -> bool:
    wanted = {"group": GATEWAY, "kind": "HTTPRoute", "namespace": here}
    for grant in view.all("ReferenceGrant", key[0]):
        spec = grant["spec"]
        if wanted in (spec.get("from") or ()) and any(
            one.get("group", "") == group
            and one["kind"] == kind
            and one.get("name", key[1]) == key[1]
            for one in spec.get("to") or ()
        ):
            return True
    return False
