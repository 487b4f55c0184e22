"""Which clusters a demo runs on: simulated ones, or those of kubeconfigs from outside.

Both are made ready by their own API, and connected with the token of the shipped ServiceAccount.
"""

import os
import secrets
import socket
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import yaml
from django.conf import settings

from console.demo.bootstrap import GATEWAY_NAMESPACE, Prepared, prepare
from console.demo.people import CHAT
from console.demo.worlds import Place
from inference.clusters.client.kubeconfig import parse_kubeconfig
from inference.simulator.cluster import SimulatedCluster

LOOPBACK = ip_network("127.0.0.0/8")
HTTP_PORT = 80
NAMES = ("east", "west", "north", "south")


@dataclass(frozen=True)
class DemoCluster:
    """A prepared cluster under the name that it will have in the console.

    `namespaces` by team. `simulated` is None for a cluster from outside.
    """

    name: str
    prepared: Prepared
    namespaces: Mapping[str, str]
    environment: str = "prod"
    title: str = ""
    simulated: SimulatedCluster | None = None
    metrics_url: str = ""

    @property
    def gateway(self) -> dict[str, str]:
        """As definitions refer to it."""
        return {
            "cluster": self.name,
            "namespace": GATEWAY_NAMESPACE,
            "name": self.prepared.gateway,
        }


def from_outside(kubeconfigs: Sequence[Path]) -> list[DemoCluster]:
    """One per kubeconfig of an administrator; at most four. Namespaces are new at each run."""
    mark = secrets.token_hex(3)
    namespaces = {CHAT: f"llm-chat-{mark}"}
    made = []
    for name, path in zip(NAMES, kubeconfigs, strict=False):
        prepared = prepare(
            parse_kubeconfig(path.read_text()),
            name,
            networks=[LOOPBACK],
            namespaces=namespaces.values(),
            gateway=f"llm-{mark}",
            port=HTTP_PORT,
        )
        made.append(DemoCluster(name, prepared, namespaces))
    return made


@contextmanager
def simulated(places: Sequence[Place]) -> Iterator[list[DemoCluster]]:
    """A running simulated cluster for each place; they end with the context."""
    with ExitStack() as stack:
        running = [
            stack.enter_context(
                SimulatedCluster(place.world, name=place.name, journal_file=_journal_of(place))
            )
            for place in places
        ]
        with ThreadPoolExecutor(len(places)) as pool:
            yield list(pool.map(_made_ready, running, places))


def _journal_of(place: Place) -> Path | None:
    folder = settings.SIMULATOR_JOURNALS
    return Path(folder) / f"{place.name}-{os.getpid()}.jsonl" if folder else None


def _made_ready(cluster: SimulatedCluster, place: Place) -> DemoCluster:
    admin = parse_kubeconfig(yaml.safe_dump(cluster.kubeconfig()))
    prepared = prepare(
        admin,
        place.name,
        networks=[LOOPBACK],
        namespaces=place.namespaces.values(),
        gateway="llm",
        port=_free_port(),
    )
    return DemoCluster(
        place.name,
        prepared,
        place.namespaces,
        place.environment,
        place.title,
        cluster,
        cluster.world.metrics_url if cluster.world else "",
    )


def _free_port() -> int:
    """For a gateway's listener: all simulated gateways share one address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
