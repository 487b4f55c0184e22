"""Probes: when to ask, what to make of the answer, and how a kubelet words a failure. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from inference.simulator.errors import Object

_FINE = range(200, 400)


class Asked(Protocol):
    """Who answers probes. None: nothing listens there."""

    def http(self, port: int, path: str) -> int | None: ...

    def grpc(self, port: int, service: str) -> bool | None: ...

    def tcp(self, port: int) -> bool: ...


@dataclass(slots=True)
class Probe:
    """One probe of one container; `passed` is None until the thresholds of its spec decide."""

    kind: str
    spec: Mapping[str, Any]
    passed: bool | None = None
    _run: int = 0
    _last: bool | None = field(default=None)

    @property
    def period(self) -> float:
        return float(self.spec.get("periodSeconds", 10))

    @property
    def delay(self) -> float:
        return float(self.spec.get("initialDelaySeconds", 0))

    def take(self, ok: bool) -> None:
        """One answer; as many equal ones in a row as the threshold wants decide."""
        self._run = self._run + 1 if ok == self._last else 1
        self._last = ok
        name, usual = ("successThreshold", 1) if ok else ("failureThreshold", 3)
        if self._run >= int(self.spec.get(name, usual)):
            self.passed = ok


def probes_of(container: Object) -> dict[str, Probe]:
    """Until a liveness probe has decided otherwise, the container is alive."""
    found = {}
    for kind in ("startup", "readiness", "liveness"):
        if spec := container.get(f"{kind}Probe"):
            found[kind] = Probe(kind, spec, passed=True if kind == "liveness" else None)
    return found


def failure(probe: Probe, container: Object, address: str, asked: Asked, *, hangs: bool) -> str:
    """What went wrong, in a kubelet's words; empty: nothing did. `exec` always succeeds."""
    spec = probe.spec
    if get := spec.get("httpGet"):
        return _http(get, container, address, asked, hangs=hangs)
    if where := spec.get("tcpSocket"):
        port = number_of(where["port"], container)
        refused = f"dial tcp {address}:{port}: connect: connection refused"
        return "" if asked.tcp(port) else refused
    if where := spec.get("grpc"):
        return _grpc(where, float(spec.get("timeoutSeconds", 1)), address, asked, hangs=hangs)
    return "command timed out" if hangs else ""


def _http(get: Object, container: Object, address: str, asked: Asked, *, hangs: bool) -> str:
    port, path = number_of(get["port"], container), get.get("path", "/")
    host = get.get("host") or address
    url = f"{get.get('scheme', 'HTTP').lower()}://{host}:{port}{path}"
    status = asked.http(port, path)
    if status is None:
        return f'Get "{url}": dial tcp {host}:{port}: connect: connection refused'
    if hangs:
        late = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        return f'Get "{url}": {late}'
    return "" if status in _FINE else f"HTTP probe failed with statuscode: {status}"


def _grpc(where: Object, timeout: float, address: str, asked: Asked, *, hangs: bool) -> str:
    serving = asked.grpc(int(where["port"]), where.get("service") or "")
    if serving is None:
        place = f'failed to connect service "{address}:{where["port"]}" within {timeout:g}s'
        return f"timeout: {place}: context deadline exceeded"
    if hangs:
        return f"timeout: health rpc did not complete within {timeout:g}s"
    return "" if serving else 'service unhealthy (responded with "NOT_SERVING")'


def number_of(port: int | str, container: Object) -> int:
    """A port by its number, or by its name in the container; 0 where there is no such name."""
    if isinstance(port, int):
        return port
    for one in container.get("ports") or ():
        if one.get("name") == port:
            return int(one["containerPort"])
    return int(port) if port.isdigit() else 0
