"""Which rule of which route a request meets, in the order of the Gateway API. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from inference.simulator.errors import Object
from inference.simulator.world.durations import seconds_of
from inference.simulator.world.gateways.attaching import ANY, covers
from inference.simulator.world.gateways.backends import Backend


@dataclass(frozen=True, slots=True)
class Request:
    """`headers` by their names in lower case."""

    host: str
    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """`name` is one of a rule for ever; `timeout` None is none."""

    name: str
    matches: tuple[Object, ...]
    backends: tuple[Backend, ...]
    timeout: float | None = None
    filters: tuple[Object, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One match of one rule, in one table of a host; entries sort as they are tried."""

    order: tuple[int | str, ...]
    match: Object
    rule: Rule


class Table:
    """The routes behind one port of a Gateway, by host."""

    def __init__(self) -> None:
        self._hosts: dict[str, list[Entry]] = {}

    def add(self, host: str, age: tuple[str, str, str], rules: Sequence[Rule]) -> None:
        """`age` is when a route was made, its namespace and its name: the older goes first."""
        entries = self._hosts.setdefault(host, [])
        for number, rule in enumerate(rules):
            for match in rule.matches or ({},):
                entries.append(Entry((*precedence(match), *age, number), match, rule))
        entries.sort(key=lambda entry: entry.order)

    def find(self, request: Request) -> Rule | None:
        """The most exact host that has a rule for the request decides."""
        for host in self._known(request.host):
            for entry in self._hosts[host]:
                if meets(entry.match, request):
                    return entry.rule
        return None

    def _known(self, host: str) -> list[str]:
        fitting = [one for one in self._hosts if one == ANY or covers(one, host)]
        return sorted(fitting, key=lambda one: (one != host, -len(one) if one != ANY else 1))


def rule_of(name: str, spec: Object, backends: Iterable[Backend]) -> Rule:
    wanted = (spec.get("timeouts") or {}).get("request")
    timeout = seconds_of(wanted) if wanted else None
    return Rule(
        name=name,
        matches=tuple(spec.get("matches") or ()),
        backends=tuple(backends),
        timeout=timeout or None,
        filters=tuple(spec.get("filters") or ()),
    )


def precedence(match: Object) -> tuple[int, int, int, int, int]:
    """Exact paths, then longer ones, then a method, more headers, more parameters."""
    path = match.get("path") or {}
    return (
        -(path.get("type") == "Exact"),
        -len(path.get("value", "/")),
        -("method" in match),
        -len(match.get("headers") or ()),
        -len(match.get("queryParams") or ()),
    )


def meets(match: Object, request: Request) -> bool:
    if match.get("method") not in {None, request.method}:
        return False
    named = ((match.get("headers"), request.headers), (match.get("queryParams"), request.query))
    for wanted, given in named:
        if not all(_says(one, given) for one in wanted or ()):
            return False
    return _is_at(match.get("path") or {}, request.path)


def _is_at(path: Object, asked: str) -> bool:
    kind, value = path.get("type", "PathPrefix"), path.get("value", "/")
    if kind == "Exact":
        return bool(asked == value)
    if kind == "RegularExpression":
        return re.fullmatch(value, asked) is not None
    prefix = value.rstrip("/")
    return asked == prefix or asked.startswith(f"{prefix}/")


def _says(wanted: Object, given: Mapping[str, str]) -> bool:
    has = given.get(wanted["name"].lower(), given.get(wanted["name"]))
    if has is None:
        return False
    if wanted.get("type") == "RegularExpression":
        return re.fullmatch(wanted["value"], has) is not None
    return bool(has == wanted["value"])
