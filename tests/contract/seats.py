"""How a real server is brought to have no seat for somebody: one seat, and a request that stays."""

import socket
import ssl
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.contract.actors import APPLY, Actor
from tests.contract.kinds import path_of

_ATTEMPTS = 100


def taken(actor: Actor, place: str, administrator: Actor) -> Callable[[], None]:
    """Leave `actor` one seat, and sit on it; returns the undoing."""
    for path, obj in _one_seat(actor.name):
        answer = administrator.request("PATCH", path, obj, media=APPLY, fieldManager="contract")
        assert answer.status in {200, 201}, answer.content
    sitting = _seated(actor, place)

    def undo() -> None:
        sitting.close()
        for path, _ in reversed(_one_seat(actor.name)):
            administrator.request("DELETE", path)

    return undo


def _seated(actor: Actor, place: str) -> ssl.SSLSocket:
    """Whoever sits down before the server knows of the level sits elsewhere, and whoever does so
    while the last request is on its way out sits nowhere: again, then.
    """
    for _ in range(_ATTEMPTS):
        sitting = _never_finished(actor, place)
        for _ in range(10):
            if actor.list("ConfigMap", place).status == 429:
                return sitting
            time.sleep(0.01)
        sitting.close()
    raise TimeoutError("The server finds a seat for everybody.")


def _one_seat(user: str) -> list[tuple[str, dict[str, Any]]]:
    """A priority level that executes one request of `user` at a time and queues none."""
    flow = "flowcontrol.apiserver.k8s.io/v1"
    limited = {
        "nominalConcurrencyShares": 0,
        "borrowingLimitPercent": 0,
        "limitResponse": {"type": "Reject"},
    }
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"]}
    rule = {
        "subjects": [{"kind": "User", "user": {"name": user}}],
        "resourceRules": [everything],
    }
    specs: list[tuple[str, str, dict[str, Any]]] = [
        (
            "PriorityLevelConfiguration",
            "prioritylevelconfigurations",
            {"type": "Limited", "limited": limited},
        ),
        (
            "FlowSchema",
            "flowschemas",
            {
                "priorityLevelConfiguration": {"name": "contract"},
                "matchingPrecedence": 2,
                "rules": [rule],
            },
        ),
    ]
    return [
        (
            f"/apis/{flow}/{plural}/contract",
            {"apiVersion": flow, "kind": kind, "metadata": {"name": "contract"}, "spec": spec},
        )
        for kind, plural, spec in specs
    ]


def _never_finished(actor: Actor, place: str) -> ssl.SSLSocket:
    """A request whose body never comes: it holds its seat until the socket is closed."""
    parts = urlsplit(actor.url)
    context = ssl.create_default_context(cafile=str(actor.ca))
    context.load_cert_chain(str(actor.credentials.certificate), str(actor.credentials.key))
    plain = socket.create_connection((parts.hostname or "", parts.port or 443))
    sitting = context.wrap_socket(plain, server_hostname=parts.hostname)
    path = path_of("ConfigMap", place)
    head = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 99\r\n"
    sitting.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode())
    return sitting
