"""Which clusters a demo runs on: those of kubeconfigs from outside, made ready by their own API."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from console.demo.bootstrap import Prepared, prepare
from inference.clusters.client.kubeconfig import parse_kubeconfig

LOOPBACK = ip_network("127.0.0.0/8")
NAMESPACE = "llm-chat"
HTTP_PORT = 80
NAMES = ("east", "west", "north", "south")


@dataclass(frozen=True)
class DemoCluster:
    """A prepared cluster under the name that it will have in the console."""

    name: str
    prepared: Prepared
    namespace: str


def from_outside(kubeconfigs: Sequence[Path]) -> list[DemoCluster]:
    """One per kubeconfig of an administrator; at most four. Namespaces are new at each run."""
    mark = secrets.token_hex(3)
    namespace = f"{NAMESPACE}-{mark}"
    made = []
    for name, path in zip(NAMES, kubeconfigs, strict=False):
        admin = parse_kubeconfig(path.read_text())
        prepared = prepare(
            admin,
            name,
            networks=[LOOPBACK],
            namespaces=[namespace],
            gateway=f"llm-{mark}",
            port=HTTP_PORT,
        )
        made.append(DemoCluster(name, prepared, namespace))
    return made
