"""One ConfigMap as the servers of several suites know it, and what they answer about it."""

from collections.abc import Iterable

from inference.manifests import ObjectRef
from tests.clusters.client.peers import Peer, Request, http, status

REF = ObjectRef("v1", "ConfigMap", "chat", "a")
OBJECT = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}}
BODY = b'{"apiVersion":"v1","data":{"k":"v"},"kind":"ConfigMap","metadata":{"name":"a"}}'
MADE = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a", "uid": "u-1"}}
MISSING = status(404, 'configmaps "a" not found', "NotFound", name="a", kind="configmaps")


def fine(request: Request, peer: Peer) -> Iterable[bytes]:
    return http(200, OBJECT)


def redirect(request: Request, peer: Peer) -> Iterable[bytes]:
    return http(302, b"", location="https://169.254.169.254/latest/meta-data")
