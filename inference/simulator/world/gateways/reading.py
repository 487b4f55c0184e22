"""What Gateways, routes and pools come to together: their statuses, and a table for each port."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from inference.simulator.errors import Object
from inference.simulator.world.gateways import statuses
from inference.simulator.world.gateways.attaching import attach, parents_of
from inference.simulator.world.gateways.backends import Backend, backend_of, picker_problem
from inference.simulator.world.gateways.problems import Problem
from inference.simulator.world.gateways.tables import Rule, Table, rule_of
from inference.simulator.world.identities import Key, is_leaving, key_of
from inference.simulator.world.view import View

ADDRESS = "127.0.0.1"
Port = tuple[Key, int]
"""A Gateway and a port of it."""


@dataclass(slots=True)
class Read:
    """`statuses` are pairs of an object and the status that it should have."""

    tables: dict[Port, Table] = field(default_factory=dict)
    statuses: list[tuple[Object, Object]] = field(default_factory=list)


class Reading:
    """One look at everything that a gateway controller of this name answers for."""

    def __init__(self, view: View, controller: str, now: str) -> None:
        self._view, self._controller, self._now = view, controller, now
        self._classes = {
            one["metadata"]["name"]: one
            for one in view.all("GatewayClass")
            if one["spec"]["controllerName"] == controller
        }
        self._gateways = {
            key_of(one): one
            for one in view.all("Gateway")
            if one["spec"]["gatewayClassName"] in self._classes and not is_leaving(one)
        }
        self._attached: Counter[tuple[Key, str]] = Counter()
        self._pools: dict[Key, dict[Key, Problem | None]] = {}
        self._read = Read()

    @property
    def ports(self) -> set[Port]:
        """Those that Gateways want open."""
        return {
            (key, listener["port"])
            for key, gateway in self._gateways.items()
            for listener in gateway["spec"]["listeners"]
            if listener["protocol"] == "HTTP"
        }

    def read(self, problems: Mapping[Port, Problem | None]) -> Read:
        """`problems` tells of each wanted port whether it could be opened."""
        for one in self._classes.values():
            self._is(one, statuses.of_class(one, self._now))
        for route in self._view.all("HTTPRoute"):
            if not is_leaving(route):
                self._route(route)
        for key, gateway in self._gateways.items():
            self._gateway(key, gateway, problems)
        for pool in self._view.all("InferencePool"):
            parents = self._pools.get(key_of(pool), {})
            self._is(pool, statuses.of_pool(pool, self._controller, parents, self._now))
        return self._read

    def _is(self, obj: Object, status: Object) -> None:
        self._read.statuses.append((obj, status))

    def _route(self, route: Object) -> None:
        parents = parents_of(route, self._gateways)
        rules, lack = self._rules(route)
        told = []
        for reference, key in parents:
            refused, taken = attach(route, reference, self._gateways[key], self._labels)
            told.append((reference, refused, lack))
            for listener, hosts in taken:
                self._attached[key, listener["name"]] += 1
                table = self._read.tables.setdefault((key, listener["port"]), Table())
                for host in hosts:
                    table.add(host, _age(route), rules)
            if not refused:
                self._found(key, rules)
        had = (route.get("status") or {}).get("parents")
        if told or had:
            self._is(route, statuses.of_route(route, self._controller, told, self._now))

    def _rules(self, route: Object) -> tuple[list[Rule], Problem | None]:
        rules: list[Rule] = []
        lack = None
        for number, spec in enumerate(route["spec"].get("rules") or ()):
            backends: list[Backend] = []
            for reference in spec.get("backendRefs") or ():
                backend, problem = backend_of(self._view, route, reference)
                backends.append(backend)
                lack = lack or problem
            name = f"{'/'.join(key_of(route))}/{number}"
            rules.append(rule_of(name, spec, backends))
        return rules, lack

    def _found(self, gateway: Key, rules: list[Rule]) -> None:
        """A pool has each Gateway as parent through which a route names it."""
        for rule in rules:
            for backend in rule.backends:
                pool = self._view.one(backend.kind, *backend.key) if backend.kind else None
                if pool is not None and backend.kind == "InferencePool":
                    problem = picker_problem(self._view, pool)
                    self._pools.setdefault(backend.key, {})[gateway] = problem

    def _gateway(self, key: Key, gateway: Object, problems: Mapping[Port, Problem | None]) -> None:
        found = {
            one["name"]: self._of_listener(key, one) or problems.get((key, one["port"]))
            for one in gateway["spec"]["listeners"]
        }
        attached = {name: count for (of, name), count in self._attached.items() if of == key}
        self._is(gateway, statuses.of_gateway(gateway, ADDRESS, found, attached, self._now))

    def _of_listener(self, gateway: Key, listener: Object) -> Problem | None:
        """A real controller looks for the certificate first, whether it could serve it or not."""
        protocol = listener["protocol"]
        if protocol == "HTTPS" and not self._has_certificate(gateway[0], listener):
            text = "a certificateRef names no Secret with tls.crt and tls.key"
            return Problem("InvalidCertificateRef", text)
        if protocol != "HTTP":
            text = f"simulated Gateways speak HTTP, not {protocol}"
            return Problem("UnsupportedProtocol", text)
        return None

    def _has_certificate(self, namespace: str, listener: Object) -> bool:
        references = (listener.get("tls") or {}).get("certificateRefs") or ()
        found = [
            self._view.one("Secret", one.get("namespace") or namespace, one["name"]) or {}
            for one in references
        ]
        needed = {"tls.crt", "tls.key"}
        return bool(found) and all(needed <= (one.get("data") or {}).keys() for one in found)

    def _labels(self, namespace: str) -> Mapping[str, str]:
        found = self._view.one("Namespace", "", namespace)
        return (found or {"metadata": {}})["metadata"].get("labels") or {}


def _age(route: Object) -> tuple[str, str, str]:
    return (route["metadata"].get("creationTimestamp", ""), *key_of(route))
