"""A real API server with its etcd, from the binaries that KUBEBUILDER_ASSETS names."""

import base64
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import urllib3
import yaml

from tests import requirements
from tests.contract import seats
from tests.contract.actors import APPLY, Actor, Credentials
from tests.contract.authorities import Authority
from tests.contract.kinds import KINDS, path_of
from tests.servers import free_port

CRDS = (
    "gateway.networking.k8s.io_GatewayClass",
    "gateway.networking.k8s.io_Gateway",
    "gateway.networking.k8s.io_HTTPRoute",
    "inference.networking.k8s.io_InferencePool",
    "inference.networking.x-k8s.io_InferenceObjective",
    "inference.networking.x-k8s.io_InferenceModelRewrite",
    "monitoring.coreos.com_PodMonitor",
    "monitoring.coreos.com_ServiceMonitor",
)
READY_SECONDS = 60


def assets() -> Path:
    """The folder of the binaries; skips, saying what is missing."""
    named = os.environ.get("KUBEBUILDER_ASSETS", "")
    folder = Path(named)
    missing = [
        program
        for program in ("etcd", "kube-apiserver", "kubectl")
        if not named or not (folder / program).exists()
    ]
    if missing:
        lacks = f"KUBEBUILDER_ASSETS={named or 'unset'} lacks {', '.join(missing)}"
        requirements.absent("apiserver", lacks)
    return folder


def shared() -> Path:
    """The folder with the upstream CRDs; skips where it is not."""
    default = Path(__file__).parents[2].parent / "shared"
    folder = Path(os.environ.get("WAYBILL_SHARED", default))
    if not (folder / "crds").is_dir():
        requirements.absent("shared", f"WAYBILL_SHARED={folder} has no crds/")
    return folder


class ControlPlane:
    """What the cases see of the real server."""

    name = "real"

    def __init__(self, folder: Path, url: str, etcd_url: str, authority: Authority) -> None:
        self.url = url
        self.ca = authority.certificate_file
        self._authority = authority
        self._etcd_url = etcd_url
        self._folder = folder
        self.has_controllers = False

    def certificate(self, user: str, groups: tuple[str, ...] = ()) -> Credentials:
        return self._authority.client(user, groups)

    def foreign_certificate(self, user: str) -> Credentials:
        """Signed by an authority that the server does not know."""
        folder = self._folder / "foreign"
        folder.mkdir(exist_ok=True)
        return Authority(folder).client(user, ("system:masters",))

    def expired_certificate(self, user: str) -> Credentials:
        return self._authority.expired_client(user, ("system:masters",))

    def compact(self, revision: int) -> None:
        """Forget history: what the API server's storage does every five minutes."""
        urllib3.request(
            "POST",
            f"{self._etcd_url}/v3/kv/compaction",
            json={"revision": str(revision), "physical": True},
        )

    def throttle(self, actor: Actor, place: str, administrator: Actor) -> Callable[[], None]:
        """Leave `actor` one seat, and sit on it; returns the undoing."""
        return seats.taken(actor, place, administrator)

    def load_definitions(self, administrator: Actor) -> None:
        for name in CRDS:
            text = (shared() / "crds" / f"{name}.yaml").read_bytes()
            definition = yaml.load(text, Loader=yaml.CSafeLoader)
            answer = administrator.request(
                "PATCH",
                path_of("CustomResourceDefinition", "", definition["metadata"]["name"]),
                text,
                media=APPLY,
                fieldManager="contract",
            )
            assert answer.status == 201, answer.content
        for kind in KINDS.values():
            _until(lambda kind=kind: administrator.request("GET", kind.path()).status != 404)


@contextmanager
def running(folder: Path, *flags: str) -> Iterator[ControlPlane]:
    """Start etcd and the API server on loopback; with the few controllers that the cases need.

    `flags` are further ones of the API server.
    """
    programs = assets()
    shared()
    authority = Authority(folder)
    with ExitStack() as stack:

        def start(program: str, *flags: str) -> None:
            log = stack.enter_context((folder / f"{program}.log").open("wb"))
            process = subprocess.Popen([programs / program, *flags], stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.terminate)

        etcd_url = _start_etcd(start, folder)
        url = _start_api_server(start, folder, etcd_url, authority, *flags)
        plane = ControlPlane(folder, url, etcd_url, authority)
        root = Actor("root", url, plane.ca, authority.client("root", ("system:masters",)))
        _until(lambda: _is_ready(root))
        plane.load_definitions(root)
        if (programs / "kube-controller-manager").exists():
            _start_controllers(start, folder, url, authority)
            plane.has_controllers = True
        yield plane


def _start_etcd(start: Callable[..., None], folder: Path) -> str:
    client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    start(
        "etcd",
        f"--data-dir={folder / 'etcd'}",
        "--unsafe-no-fsync",
        "--log-level=error",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
    )
    return client


def _start_api_server(
    start: Callable[..., None], folder: Path, etcd_url: str, authority: Authority, *flags: str
) -> str:
    port = free_port()
    server = authority.server("127.0.0.1")
    accounts = authority.signing_key("accounts")
    start(
        "kube-apiserver",
        f"--etcd-servers={etcd_url}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--tls-cert-file={server.certificate}",
        f"--tls-private-key-file={server.key}",
        f"--client-ca-file={authority.certificate_file}",
        "--anonymous-auth=true",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={accounts}",
        f"--service-account-signing-key-file={accounts}",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--endpoint-reconciler-type=none",
        "--profiling=false",
        # No controller makes the default service account that this plugin asks of each pod.
        "--disable-admission-plugins=ServiceAccount",
        # Leases are read from storage itself, so that a case can reach a compacted version.
        "--watch-cache-sizes=leases.coordination.k8s.io#0",
        *flags,
    )
    return f"https://127.0.0.1:{port}"


def _start_controllers(
    start: Callable[..., None], folder: Path, url: str, authority: Authority
) -> None:
    config = folder / "controllers.kubeconfig"
    root = authority.client("controllers", ("system:masters",))
    config.write_text(json.dumps(kubeconfig(url, authority.certificate_file, root)))
    start(
        "kube-controller-manager",
        f"--kubeconfig={config}",
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        "--secure-port=0",
        "--controllers=garbage-collector-controller,namespace-controller",
    )


def kubeconfig(url: str, ca: Path, credentials: Credentials) -> dict[str, Any]:
    """A kubeconfig with everything inline."""
    user: dict[str, Any] = {}
    if credentials.certificate and credentials.key:
        user["client-certificate-data"] = _inline(credentials.certificate)
        user["client-key-data"] = _inline(credentials.key)
    if credentials.token:
        user["token"] = credentials.token
    cluster = {"server": url, "certificate-authority-data": _inline(ca)}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "contract", "cluster": cluster}],
        "users": [{"name": "contract", "user": user}],
        "contexts": [{"name": "contract", "context": {"cluster": "contract", "user": "contract"}}],
        "current-context": "contract",
    }


def _inline(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def _is_ready(actor: Actor) -> bool:
    try:
        return actor.request("GET", "/readyz").status == 200
    except urllib3.exceptions.HTTPError:
        return False


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(READY_SECONDS * 10):
        if holds():
            return
        time.sleep(0.1)
    raise TimeoutError("The control plane did not become ready within a minute.")
