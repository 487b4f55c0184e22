"""What is rendered is accepted by a real API server with the upstream CRDs, and twice the same.

As the ServiceAccount that the shipped manifest makes, with its rights and no others.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from inference.clusters.client.connection import Connection
from inference.clusters.client.door import ClusterClient
from inference.clusters.rbac import Account, manifests
from inference.manifests import Manifest, ObjectRef, canonical
from inference.rendering.objects import Phase, RenderedObject
from inference.rendering.worlds import render
from tests.contract import control_plane
from tests.rendering.generator import NAMESPACE, worlds
from tests.rendering.golden_worlds import GOLDENS

pytestmark = [pytest.mark.apiserver, pytest.mark.shared]

COUNT = 200
LOOPBACK = ("127.0.0.0/8",)
THREADS = 8


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterClient]:
    """The product's own door, with a token of the product's own account."""
    with control_plane.running(tmp_path_factory.mktemp("rendering")) as plane:
        root = plane.certificate("root", ("system:masters",))
        ca = Path(plane.ca).read_text()
        admin = ClusterClient(
            Connection(
                plane.url,
                ca,
                client_cert_pem=Path(root.certificate or "").read_text(),
                client_key_pem=Path(root.key or "").read_text(),
            ),
            allowed_networks=LOOPBACK,
        )
        apply(admin, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        for manifest in manifests(cluster_name="test", namespaces=[NAMESPACE]):
            apply(admin, manifest)
        account = Account()
        token = admin.request_token(account.namespace, account.name, timedelta(hours=1)).token
        ours = ClusterClient(Connection(plane.url, ca, token=token), allowed_networks=LOOPBACK)
        yield ours
        ours.close()
        admin.close()


def apply(admin: ClusterClient, manifest: Manifest) -> None:
    admin.apply(ObjectRef.of(manifest), canonical(manifest).encode())


def every_object() -> list[RenderedObject]:
    return [
        one
        for world, edited in (*worlds(COUNT), *(golden() for golden in GOLDENS.values()))
        for part in render(world, edited)
        for one in part.objects
    ]


def test_two_hundred_specs_are_accepted_and_applying_again_changes_nothing(
    client: ClusterClient,
) -> None:
    found = every_object()
    assert len(found) > COUNT * 10

    def versions(*, dry_run: bool) -> dict[ObjectRef, str]:
        def send(one: RenderedObject) -> tuple[ObjectRef, str]:
            answer = client.apply(one.ref, one.body.encode(), dry_run=dry_run).object
            return one.ref, answer["metadata"].get("resourceVersion", "")

        made: dict[ObjectRef, str] = {}
        with ThreadPoolExecutor(THREADS) as pool:
            for phase in Phase:
                made |= dict(pool.map(send, [one for one in found if one.phase == phase]))
        return made

    first = versions(dry_run=False)
    second = versions(dry_run=False)
    # Last, since a binding is dry run only where its role is stored.
    previewed = versions(dry_run=True)

    assert len(first) == len(found)
    assert second == first
    assert set(previewed) == set(first)
