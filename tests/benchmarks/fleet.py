"""Simulated clusters in a process of their own, so that their work is not counted as ours.

Run as a module with their number and a namespace; says each cluster's way in as a line of JSON, and
answers each line that it is told with the numbers of requests that each has answered so far.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.simulator.cluster import SimulatedCluster
from tests.contract import rights

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Member:
    url: str
    ca_pem: str
    token: str
    identity: str


@dataclass(frozen=True)
class Fleet:
    members: tuple[Member, ...]
    process: "subprocess.Popen[str]"

    def answered(self) -> list[int]:
        """Requests so far, by cluster."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        counts: list[int] = json.loads(self.process.stdout.readline())
        return counts


@contextmanager
def sailing(count: int, namespace: str) -> Iterator[Fleet]:
    command = [sys.executable, "-m", "tests.benchmarks.fleet", str(count), namespace]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        members = tuple(Member(**json.loads(process.stdout.readline())) for _ in range(count))
        yield Fleet(members, process)
        process.stdin.close()


def _furnish(cluster: SimulatedCluster, namespace: str) -> Member:
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}

    def write() -> str:
        for obj in (*rights.for_the_cluster(), made, *rights.for_a_namespace(namespace)):
            cluster.store.apply(obj, manager="administrator", force=True)
        system = cluster.store.get("v1", "Namespace", "", "kube-system")
        return str(system["metadata"]["uid"])

    identity = cluster.call(write)
    token = cluster.token(rights.ACCOUNT_NAMESPACE, rights.ACCOUNT)
    return Member(cluster.url, cluster.ca_pem, token, identity)


def main(count: int, namespace: str) -> None:
    with ExitStack() as stack:
        clusters = [
            stack.enter_context(SimulatedCluster(name=f"member-{number}"))
            for number in range(count)
        ]
        for cluster in clusters:
            print(json.dumps(vars(_furnish(cluster, namespace))), flush=True)
        for _ in sys.stdin:
            print(json.dumps([cluster.journal.place() for cluster in clusters]), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
