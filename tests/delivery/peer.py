"""A server as the tests of delivery see it: what is there, and what it was asked."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Protocol

from inference.clusters.client.connection import Connection
from inference.clusters.client.door import ClusterClient
from inference.clusters.client.kinds import WRITTEN, Resource
from inference.manifests import Manifest, ObjectRef
from tests.contract import control_plane, rights
from tests.contract import simulated as simulation
from tests.contract.actors import Actor, Credentials
from tests.delivery.journal import POLICY, FileJournal, Request
from tests.factories.delivery import NAMESPACE

LOOPBACK = ip_network("127.0.0.0/8")
ACCOUNT = f"system:serviceaccount:{rights.ACCOUNT_NAMESPACE}:{rights.ACCOUNT}"
ALWAYS_THERE = {"kube-root-ca.crt", "default"}


class Plane(Protocol):
    """A control plane, real or simulated."""

    url: str
    ca: Path

    def certificate(self, user: str, groups: tuple[str, ...] = ()) -> Credentials: ...


class Journal(Protocol):
    """What a server was asked, and how it answered, in order."""

    def place(self) -> int: ...

    def since(self, place: int) -> Sequence[Request]: ...


@dataclass
class Peer:
    """A server: the way that Waybill takes to it, and an administrator's."""

    name: str
    connection: Connection
    administrator: ClusterClient
    root: Actor
    journal: Journal
    plane: Plane

    def reset(self) -> None:
        """An empty namespace, granted to the account that Waybill works as."""
        self.admit()
        for resource in WRITTEN:
            for item in self.items(resource):
                self.delete(resource, item)

    def admit(self, namespace: str = NAMESPACE) -> None:
        """Make a namespace, and let the account write there."""
        made: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        for obj in (made, *rights.for_a_namespace(namespace)):
            answer = self.root.apply(obj, manager="administrator", force="true")
            assert answer.status in {200, 201}, answer.content
        self.until_admitted(namespace)

    def apply(self, manifest: Manifest, manager: str = "waybill") -> Manifest:
        """For objects that a test needs to be there: the object as a manager applies it."""
        answer = self.root.apply(manifest, manager=manager, force="true")
        assert answer.status in {200, 201}, answer.content
        found: Manifest = answer.body
        return found

    def take_away(self, manifest: Manifest) -> None:
        found = self.get(manifest)
        assert found is not None
        self.administrator.delete(ObjectRef.of(manifest), found["metadata"]["uid"])

    def get(self, manifest: Manifest) -> Manifest | None:
        return self.administrator.get(ObjectRef.of(manifest))

    def delete(self, resource: Resource, item: Manifest) -> None:
        metadata = item["metadata"]
        ref = ObjectRef(resource.api_version, resource.kind, NAMESPACE, metadata["name"])
        self.administrator.delete(ref, metadata["uid"])

    def items(self, resource: Resource) -> tuple[Manifest, ...]:
        items = self.administrator.list(resource, NAMESPACE).items
        ours = {item["metadata"]["name"] for item in _granted()}
        return tuple(
            item for item in items if item["metadata"]["name"] not in {*ALWAYS_THERE, *ours}
        )

    def named(self, plural: str) -> dict[str, Manifest]:
        """What is in the namespace of one kind, by name."""
        (resource,) = (one for one in WRITTEN if one.plural == plural)
        return {item["metadata"]["name"]: item for item in self.items(resource)}

    def everything(self) -> dict[str, Manifest]:
        """What is in the namespace, by `plural/name`."""
        return {
            f"{resource.plural}/{item['metadata']['name']}": item
            for resource in WRITTEN
            for item in self.items(resource)
        }

    def asked_since(self, place: int) -> list[Request]:
        """What Waybill's account has asked since a place of the journal."""
        return [one for one in self.journal.since(place) if one.user == ACCOUNT]

    def until_admitted(self, namespace: str, status: int = 200) -> None:
        """Rights reach the authorizer a moment after they are stored."""
        product = Actor(
            "product", self.root.url, self.root.ca, Credentials(token=self.connection.token)
        )
        deadline = time.monotonic() + 30
        while product.list("HTTPRoute", namespace).status != status:
            assert time.monotonic() < deadline
            time.sleep(0.01)


@contextmanager
def real(folder: Path) -> Iterator[Peer]:
    """A real API server that writes down what it is asked."""
    log, policy = folder / "audit.log", folder / "policy.json"
    policy.write_text(json.dumps(POLICY))
    flags = (f"--audit-policy-file={policy}", f"--audit-log-path={log}")
    with (
        control_plane.running(folder, *flags) as plane,
        _reached("real", plane, partial(FileJournal, log)) as peer,
    ):
        yield peer


@contextmanager
def simulated(folder: Path) -> Iterator[Peer]:
    """A simulated cluster without a world: an API, and the controllers that the real one has."""
    with (
        simulation.running(folder) as plane,
        _reached("simulated", plane, lambda _root: plane.cluster.journal) as peer,
    ):
        yield peer


@contextmanager
def _reached(name: str, plane: Plane, journal: Callable[[Actor], Journal]) -> Iterator[Peer]:
    root = Actor("root", plane.url, plane.ca, plane.certificate("root", ("system:masters",)))
    for obj in rights.for_the_cluster():
        assert root.apply(obj, manager="administrator").status in {200, 201}
    ca = plane.ca.read_text()
    masters = plane.certificate("administrator", ("system:masters",))
    assert masters.certificate is not None
    assert masters.key is not None
    administrator = ClusterClient(
        Connection(
            plane.url,
            ca,
            client_cert_pem=masters.certificate.read_text(),
            client_key_pem=masters.key.read_text(),
        ),
        allowed_networks=[LOOPBACK],
    )
    try:
        connection = Connection(plane.url, ca, token=token(root))
        yield Peer(name, connection, administrator, root, journal(root), plane)
    finally:
        administrator.close()
        root.pool.close()


def token(root: Actor) -> str:
    """Of the account that Waybill works as."""
    place = f"/api/v1/namespaces/{rights.ACCOUNT_NAMESPACE}/serviceaccounts/{rights.ACCOUNT}/token"
    body = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": 7200},
    }
    answer = root.request("POST", place, body)
    assert answer.status == 201, answer.content
    made: str = answer.body["status"]["token"]
    return made


def versions(objects: dict[str, Manifest]) -> dict[str, str]:
    return {key: item["metadata"]["resourceVersion"] for key, item in objects.items()}


def _granted() -> list[Manifest]:
    return rights.for_a_namespace(NAMESPACE)
