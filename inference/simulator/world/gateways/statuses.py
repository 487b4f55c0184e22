"""The statuses of classes, Gateways, routes and pools, as values. Pure."""

from collections.abc import Iterable, Mapping

from inference.simulator.errors import Object
from inference.simulator.world import conditions
from inference.simulator.world.gateways.problems import GATEWAY, Problem, said
from inference.simulator.world.identities import Key


def of_class(item: Object, now: str) -> Object:
    generation = item["metadata"].get("generation", 1)
    words = said({"Accepted": None}, conditions.of(item), generation, now)
    return {**(item.get("status") or {}), "conditions": words}


def of_gateway(
    gateway: Object,
    address: str,
    problems: Mapping[str, Problem | None],
    attached: Mapping[str, int],
    now: str,
) -> Object:
    """`problems` and `attached` are by the names of listeners."""
    generation = gateway["metadata"].get("generation", 1)
    status = gateway.get("status") or {}
    before = {one["name"]: one for one in status.get("listeners") or ()}
    listeners = []
    for listener in gateway["spec"]["listeners"]:
        name = listener["name"]
        problem = problems.get(name)
        words = said(
            _of_listener(problem), (before.get(name) or {}).get("conditions") or (), generation, now
        )
        listeners.append(
            {
                "name": name,
                "attachedRoutes": attached.get(name, 0),
                "supportedKinds": [{"group": GATEWAY, "kind": "HTTPRoute"}],
                "conditions": words,
            }
        )
    return {
        "addresses": [{"type": "IPAddress", "value": address}],
        "listeners": listeners,
        "conditions": said(_of_all(problems), status.get("conditions") or (), generation, now),
    }


def _of_listener(problem: Problem | None) -> dict[str, Problem | None]:
    """A certificate is a matter of references; anything else is one of acceptance."""
    is_reference = problem is not None and problem.reason == "InvalidCertificateRef"
    return {
        "Accepted": None if is_reference else problem,
        "Programmed": Problem("Invalid", problem.message) if problem else None,
        "ResolvedRefs": problem if is_reference else None,
    }


def _of_all(problems: Mapping[str, Problem | None]) -> dict[str, Problem | None]:
    bad = [name for name, problem in problems.items() if problem is not None]
    if not bad:
        return {"Accepted": None, "Programmed": None}
    text = f"listeners that are not valid: {', '.join(bad)}"
    taken = [one for one in problems.values() if one and one.reason == "PortUnavailable"]
    reason = "AddressNotUsable" if taken else "Invalid"
    some_stand = len(bad) < len(problems)
    return {
        "Accepted": Problem("ListenersNotValid", text, stands=some_stand),
        "Programmed": Problem(reason, taken[0].message if taken else text, stands=False),
    }


def of_route(
    route: Object,
    controller: str,
    parents: Iterable[tuple[Object, Problem | None, Problem | None]],
    now: str,
) -> Object:
    """`parents` are a reference, what stands against it, and what its backends lack."""
    status = route.get("status") or {}
    before = status.get("parents") or []
    made = [
        _parent(route, controller, reference, {"Accepted": accepted, "ResolvedRefs": lack}, now)
        for reference, accepted, lack in parents
    ]
    others = [one for one in before if one.get("controllerName") != controller]
    return {**status, "parents": [*others, *made]}


def of_pool(
    pool: Object, controller: str, parents: Mapping[Key, Problem | None], now: str
) -> Object:
    """By the Gateways through which a route names the pool; none: it has no parents."""
    status = pool.get("status") or {}
    before = status.get("parents") or []
    made = []
    for (namespace, name), problem in sorted(parents.items()):
        reference = {"group": GATEWAY, "kind": "Gateway", "namespace": namespace, "name": name}
        words = {"Accepted": None, "ResolvedRefs": problem}
        made.append(_parent(pool, controller, reference, words, now))
    others = [one for one in before if one.get("controllerName") != controller]
    return {**status, "parents": [*others, *made]}


def _parent(
    item: Object,
    controller: str,
    reference: Object,
    problems: Mapping[str, Problem | None],
    now: str,
) -> Object:
    parents = (item.get("status") or {}).get("parents") or ()
    old: Object = next(
        (
            one
            for one in parents
            if one["parentRef"] == reference and one.get("controllerName") == controller
        ),
        {},
    )
    generation = item["metadata"].get("generation", 1)
    return {
        "parentRef": reference,
        "controllerName": controller,
        "conditions": said(problems, old.get("conditions") or (), generation, now),
    }
