"""Whether requests can reach the pools of a route: gateway, listener, route, pools. Pure.

Nothing is believed that was said about an older generation of the object that it speaks of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inference.messages import Message
from inference.messages import observation as messages
from inference.observation.ladder import (
    Blind,
    BlindTo,
    Readiness,
    Rung,
    condition,
    is_about,
    moving,
    reason_of,
    stopped,
    unknown,
    unreadable,
)
from inference.observation.summaries import Summary

_UNRESOLVED: dict[str, Message] = {
    "BackendNotFound": messages.ROUTE_BACKEND_MISSING,
    "RefNotPermitted": messages.ROUTE_NOT_PERMITTED,
}
_OF_LISTENERS = ("Accepted", "ResolvedRefs", "Programmed")


@dataclass(frozen=True, slots=True)
class Seen:
    """An object as last seen, and the generation of its spec."""

    summary: Summary
    generation: int = 0


@dataclass(frozen=True, slots=True)
class RouteFacts:
    """What was seen of one route, of the gateway that it attaches to, and of its pools.

    `listener` is empty for all of the gateway; `pools` has None for one that is not there.
    """

    gateway_name: str
    gateway: Seen | None
    route: Seen | None
    listener: str = ""
    pools: Mapping[str, Seen | None] = field(default_factory=dict[str, Seen | None])
    blind: BlindTo = field(default_factory=dict[str, Blind])


def assess_route(facts: RouteFacts) -> Readiness:
    """Whether the gateway takes the route and can resolve what it names."""
    for kind, rung in (("HTTPRoute", Rung.NOTHING), ("Gateway", Rung.ACCEPTED)):
        if kind in facts.blind:
            return unknown(facts.blind[kind], rung)
    if facts.route is None:
        return stopped(Rung.NOTHING, messages.NOT_SEEN, object="The HTTPRoute")
    if facts.gateway is None:
        return stopped(Rung.ACCEPTED, messages.GATEWAY_NOT_SEEN, gateway=facts.gateway_name)
    for name, seen in (("the HTTPRoute", facts.route), (facts.gateway_name, facts.gateway)):
        if seen.summary.get("problem"):
            return unreadable(name, Rung.ACCEPTED)
    return (
        _gateway(facts, facts.gateway)
        or _parents(facts, facts.route)
        or _pools(facts)
        or Readiness(Rung.ROUTABLE, True, messages.READY)
    )


def _gateway(facts: RouteFacts, gateway: Seen) -> Readiness | None:
    """A gateway with one broken listener may not call itself programmed; the others serve."""
    said = condition(gateway.summary, "Accepted")
    if said and not _holds(said, gateway.generation):
        return _not_programmed(facts.gateway_name, said, gateway.generation)
    stop = _listener(facts, gateway)
    if stop:
        return stop
    said = condition(gateway.summary, "Programmed")
    if not _holds(said, gateway.generation) and not _has_programmed_listener(facts, gateway):
        return _not_programmed(facts.gateway_name, said, gateway.generation)
    if not gateway.summary.get("addresses"):
        return stopped(Rung.ACCEPTED, messages.GATEWAY_NO_ADDRESS, gateway=facts.gateway_name)
    return None


def _holds(said: Summary, generation: int) -> bool:
    return said.get("status") == "True" and is_about(said, generation)


def _not_programmed(name: str, said: Summary, generation: int) -> Readiness:
    reason = reason_of(said) if is_about(said, generation) else ""
    reason = reason or "no controller has said so"
    return stopped(Rung.ACCEPTED, messages.GATEWAY_NOT_PROGRAMMED, gateway=name, reason=reason)


def _has_programmed_listener(facts: RouteFacts, gateway: Seen) -> bool:
    return any(
        _holds(condition(one, "Programmed"), gateway.generation)
        for one in gateway.summary.get("listeners", [])
        if facts.listener in {"", one.get("name")}
    )


def _listener(facts: RouteFacts, gateway: Seen) -> Readiness | None:
    """Only of the listener that the route names: of many, one may well be broken."""
    if not facts.listener:
        return None
    place = {"gateway": facts.gateway_name, "listener": facts.listener}
    listeners = gateway.summary.get("listeners", [])
    found = next((one for one in listeners if one.get("name") == facts.listener), None)
    if found is None:
        return stopped(Rung.ACCEPTED, messages.LISTENER_MISSING, **place)
    for kind in _OF_LISTENERS:
        said = condition(found, kind)
        if said.get("status") == "False" and is_about(said, gateway.generation):
            reason = reason_of(said)
            return stopped(Rung.ACCEPTED, messages.LISTENER_NOT_READY, **place, reason=reason)
    return None


def _parents(facts: RouteFacts, route: Seen) -> Readiness | None:
    parents = [
        parent["conditions"]
        for parent in route.summary.get("parents", [])
        if parent.get("conditions") and _is_of(parent, facts.gateway_name)
    ]
    if not parents:
        return moving(Rung.ACCEPTED, messages.ROUTE_NOT_JUDGED)
    for kind in ("Accepted", "ResolvedRefs"):
        for conditions in parents:
            said = conditions.get(kind, {})
            if not is_about(said, route.generation):
                return moving(Rung.ACCEPTED, messages.ROUTE_NOT_JUDGED)
            if said.get("status") != "True":
                return _refused(kind, said)
    return None


def _refused(kind: str, said: Summary) -> Readiness:
    message = messages.ROUTE_NOT_ACCEPTED
    if kind == "ResolvedRefs":
        message = _UNRESOLVED.get(said.get("reason", ""), messages.ROUTE_UNRESOLVED)
    return stopped(Rung.ACCEPTED, message, reason=reason_of(said) or "nothing was said")


def _pools(facts: RouteFacts) -> Readiness | None:
    """A pool that no gateway speaks of yet is no obstacle: not every controller does."""
    if "InferencePool" in facts.blind:
        return unknown(facts.blind["InferencePool"], Rung.ACCEPTED)
    for name, pool in facts.pools.items():
        if pool is None:
            reason = f"InferencePool {name} is not in the cluster"
            return stopped(Rung.ACCEPTED, messages.ROUTE_BACKEND_MISSING, reason=reason)
        for parent in pool.summary.get("parents", []):
            for kind in ("Accepted", "ResolvedRefs"):
                said = parent.get("conditions", {}).get(kind, {})
                is_bad = said.get("status") == "False" and is_about(said, pool.generation)
                if is_bad and _is_of(parent, facts.gateway_name):
                    reason = reason_of(said)
                    return stopped(
                        Rung.ACCEPTED, messages.POOL_NOT_ACCEPTED, pool=name, reason=reason
                    )
    return None


def _is_of(parent: Summary, gateway: str) -> bool:
    """A parent without a namespace is in that of the object which names it."""
    namespace, _, name = gateway.partition("/")
    return parent.get("gateway") == name and parent.get("namespace") in {"", namespace}
