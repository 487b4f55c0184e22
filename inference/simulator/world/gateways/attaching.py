"""Which listeners of a Gateway take a route, for which hostnames; or why none does. Pure."""

from collections.abc import Callable, Mapping, Sequence

from inference.simulator.errors import Object
from inference.simulator.selectors import Selector, selects_labels
from inference.simulator.world.gateways.problems import GATEWAY, Problem
from inference.simulator.world.identities import Key

Taken = list[tuple[Object, list[str]]]
FILTERS = frozenset({"RequestHeaderModifier"})
ANY = "*"


def parents_of(route: Object, gateways: Mapping[Key, Object]) -> list[tuple[Object, Key]]:
    """The references of a route to Gateways that are there, and which they are."""
    namespace = route["metadata"]["namespace"]
    found = []
    for reference in route["spec"].get("parentRefs") or ():
        key = (reference.get("namespace") or namespace, reference["name"])
        kind = (reference.get("group", GATEWAY), reference.get("kind", "Gateway"))
        if kind == (GATEWAY, "Gateway") and key in gateways:
            found.append((reference, key))
    return found


def attach(
    route: Object, reference: Object, gateway: Object, labels_of: Callable[[str], Mapping[str, str]]
) -> tuple[Problem | None, Taken]:
    """`labels_of` gives the labels of a namespace."""
    named = [one for one in gateway["spec"]["listeners"] if _is_named(reference, one)]
    if not named:
        text = "no listener of the Gateway has this sectionName and port"
        return Problem("NoMatchingParent", text), []
    allowed = [one for one in named if _allows(gateway, one, route, labels_of)]
    if not allowed:
        text = "allowedRoutes of the listener leave out this namespace or kind"
        return Problem("NotAllowedByListeners", text), []
    wanted = route["spec"].get("hostnames") or []
    taken = [(one, hosts) for one in allowed if (hosts := shared(one.get("hostname"), wanted))]
    if not taken:
        text = "no hostname of the route is one of the listener's"
        return Problem("NoMatchingListenerHostname", text), []
    odd = _odd_filter(route)
    if odd:
        return Problem("UnsupportedValue", f"the filter {odd} is not supported"), []
    return None, taken


def shared(listener: str | None, route: Sequence[str]) -> list[str]:
    """The hostnames that both know; `*` where neither names any."""
    if not route:
        return [listener or ANY]
    if not listener:
        return list(route)
    found = []
    for host in route:
        if covers(listener, host):
            found.append(host)
        elif covers(host, listener):
            found.append(listener)
    return found


def covers(wide: str, narrow: str) -> bool:
    """`*.example.com` covers every name below it, but not itself without a label."""
    if wide in {narrow, ANY}:
        return True
    return wide.startswith("*.") and narrow.endswith(wide[1:]) and narrow != wide[1:]


def _is_named(reference: Object, listener: Object) -> bool:
    section, port = reference.get("sectionName"), reference.get("port")
    return section in {None, listener["name"]} and port in {None, listener["port"]}


def _allows(
    gateway: Object,
    listener: Object,
    route: Object,
    labels_of: Callable[[str], Mapping[str, str]],
) -> bool:
    allowed = listener.get("allowedRoutes") or {}
    kinds = allowed.get("kinds")
    if kinds and not any(one["kind"] == "HTTPRoute" for one in kinds):
        return False
    origin = allowed.get("namespaces") or {}
    here, there = route["metadata"]["namespace"], gateway["metadata"]["namespace"]
    word = origin.get("from", "Same")
    if word == "Selector":
        return selects_labels(Selector.of_spec(origin.get("selector") or {}), labels_of(here))
    return bool(word == "All" or (word == "Same" and here == there))


def _odd_filter(route: Object) -> str:
    for rule in route["spec"].get("rules") or ():
        for one in rule.get("filters") or ():
            if one["type"] not in FILTERS:
                return str(one["type"])
    return ""
