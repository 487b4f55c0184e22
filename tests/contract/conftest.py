"""The servers of the contract and the actors on them; every case runs once on each server."""

import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from tests.contract import asked, control_plane, rights, simulated
from tests.contract.actors import Actor, Credentials, Object
from tests.contract.samples import config_map, named


class Server(Protocol):
    """A cluster as the cases see it, real or simulated."""

    name: str
    url: str
    ca: Path
    has_controllers: bool

    def certificate(self, user: str, groups: tuple[str, ...] = ()) -> Credentials: ...

    def foreign_certificate(self, user: str) -> Credentials: ...

    def expired_certificate(self, user: str) -> Credentials: ...

    def compact(self, revision: int) -> None: ...

    def throttle(self, actor: Actor, place: str, administrator: Actor) -> Callable[[], None]: ...


SERVERS = [
    "simulated",
    pytest.param("real", marks=pytest.mark.apiserver),
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.contract)


@pytest.fixture(scope="package", params=SERVERS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp(request.param)
    with ExitStack() as stack:
        if request.param == "real":
            yield stack.enter_context(control_plane.running(folder))
        else:
            yield stack.enter_context(simulated.running(folder))


@pytest.fixture(scope="session", autouse=True)
def asked_by_all_cases() -> Iterator[None]:
    """What the cases ask is written down, or else is what is written down."""
    yield
    if os.environ.get("WAYBILL_RECORD") == "1":
        asked.write()
    missing = asked.forgotten()
    assert not missing, f"WAYBILL_RECORD=1 pytest tests/contract writes down: {missing}"


@pytest.fixture(scope="package")
def administrator(server: Server) -> Actor:
    """Sets things up; no request of the product is made as this one."""
    credentials = server.certificate("administrator", ("system:masters",))
    actor = Actor("administrator", server.url, server.ca, credentials)
    for obj in rights.for_the_cluster():
        answer = actor.apply(obj, manager="administrator")
        assert answer.status == 201, answer.content
    return actor


@pytest.fixture(scope="package")
def person(server: Server, administrator: Actor) -> Actor:
    """A member of a team with rights in the namespace of the case alone."""
    return Actor("person", server.url, server.ca, server.certificate("person"))


@pytest.fixture(scope="package")
def product(server: Server, administrator: Actor) -> Actor:
    """The service account that Waybill works as, with a bound token."""
    account = named("v1", "ServiceAccount", rights.ACCOUNT_NAMESPACE, rights.ACCOUNT)
    review: Object = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": 3600},
    }
    path = f"/api/v1/namespaces/{rights.ACCOUNT_NAMESPACE}/serviceaccounts/{rights.ACCOUNT}/token"
    answer = administrator.request("POST", path, review)
    assert answer.status == 201, (account, answer.content)
    token = answer.body["status"]["token"]
    return Actor("product", server.url, server.ca, Credentials(token=token))


_numbers = itertools.count(1)


@pytest.fixture
def place(server: Server, administrator: Actor, product: Actor) -> str:
    """A namespace of its own for one case, granted to the product and the person."""
    name = f"case-{next(_numbers)}"
    make_place(administrator, product, name)
    return name


def make_place(administrator: Actor, product: Actor, name: str) -> None:
    administrator.create(named("v1", "Namespace", "", name))
    for obj in rights.for_a_namespace(name):
        answer = administrator.apply(obj, manager="administrator")
        # 200: a module may be set up again where tests are handed from worker to worker.
        assert answer.status in {200, 201}, answer.content
    # Rights reach a real server's authorizer a moment after they are stored.
    for _ in range(1000):
        if product.list("ConfigMap", name).status == 200:
            return
    raise TimeoutError(f"The product's rights in {name} did not arrive.")


@pytest.fixture
def five(administrator: Actor, place: str) -> str:
    """A namespace with five ConfigMaps: tier a or b, one of them old."""
    for number in range(5):
        obj = config_map(place, f"m{number}")
        obj["metadata"]["labels"] = {"tier": "ab"[number % 2], "number": str(number)}
        if number == 4:
            obj["metadata"]["labels"]["old"] = ""
        administrator.create(obj)
    return place


@pytest.fixture(scope="session")
def kubectl_program() -> str:
    found = shutil.which("kubectl", path=str(control_plane.assets()))
    assert found
    return found


Kubectl = Callable[..., subprocess.CompletedProcess[str]]
KubectlCommand = Callable[..., list[str]]


@pytest.fixture
def kubectl_command(
    server: Server, person: Actor, kubectl_program: str, place: str, tmp_path: Path
) -> KubectlCommand:
    """The words that run kubectl as a person's user, in the namespace of the case."""
    config = tmp_path / "kubeconfig"
    document = control_plane.kubeconfig(server.url, server.ca, person.credentials)
    document["contexts"][0]["context"]["namespace"] = place
    config.write_text(json.dumps(document))
    program = [kubectl_program, f"--kubeconfig={config}", f"--cache-dir={tmp_path}"]
    return lambda *arguments: [*program, *arguments]


@pytest.fixture
def kubectl(kubectl_command: KubectlCommand) -> Kubectl:
    """Runs kubectl to its end."""

    def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            kubectl_command(*arguments),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    return run


def until(holds: Callable[[], bool]) -> None:
    """Wait for a controller's work; fails when a quarter of a minute was not enough."""
    for _ in range(300):
        if holds():
            return
        time.sleep(0.05)
    raise TimeoutError("What the case waits for did not happen.")
