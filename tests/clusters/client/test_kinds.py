"""How URLs are built, and that no name leads elsewhere."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.clusters.client.errors import ManifestRejected
from inference.clusters.client.kinds import NODE, READ, WRITTEN, Resource, known
from inference.manifests import ObjectRef

CONFIG_MAP = WRITTEN[0]
DEPLOYMENT = known(ObjectRef("apps/v1", "Deployment", "chat", "a"))


@pytest.mark.parametrize(
    ("resource", "arguments", "path"),
    [
        (CONFIG_MAP, ("chat", "a"), "/api/v1/namespaces/chat/configmaps/a"),
        (CONFIG_MAP, ("chat",), "/api/v1/namespaces/chat/configmaps"),
        (CONFIG_MAP, (), "/api/v1/configmaps"),
        (DEPLOYMENT, ("chat", "a.b"), "/apis/apps/v1/namespaces/chat/deployments/a.b"),
        (DEPLOYMENT, ("chat", "a", "scale"), "/apis/apps/v1/namespaces/chat/deployments/a/scale"),
        (NODE, ("", "gpu-1"), "/api/v1/nodes/gpu-1"),
    ],
)
def test_paths_are_those_of_kubernetes(
    resource: Resource, arguments: tuple[str, ...], path: str
) -> None:
    assert resource.path(*arguments) == path


HOSTILE = ["..", ".", "../x", "a/b", "a%2fb", "%2e%2e", "a?b", "a#b", "a b", "A", "-a", "a-", "a\n"]


@pytest.mark.parametrize("name", [*HOSTILE, "a" * 254, "é"])
def test_no_name_leads_to_another_path(name: str) -> None:
    with pytest.raises(ManifestRejected):
        CONFIG_MAP.path("chat", name)


@pytest.mark.parametrize("namespace", [*HOSTILE, "a" * 64, "a.b"])
def test_no_namespace_does(namespace: str) -> None:
    with pytest.raises(ManifestRejected):
        CONFIG_MAP.path(namespace, "a")


@pytest.mark.parametrize(
    "resource",
    [
        Resource("a/b", "v1", "X", "xs"),
        Resource("a.b", "v1/../v2", "X", "xs"),
        Resource("a.b", "1", "X", "xs"),
        Resource("a.b", "v1", "X", "xs/status"),
        Resource("a.b", "v1", "X", ""),
    ],
)
def test_no_discovered_kind_does(resource: Resource) -> None:
    with pytest.raises(ManifestRejected):
        resource.path("chat", "a")


def test_what_lives_in_no_namespace_takes_none() -> None:
    with pytest.raises(ManifestRejected):
        NODE.path("chat", "a")


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_path_has_always_the_same_number_of_segments(namespace: str, name: str) -> None:
    try:
        path = CONFIG_MAP.path(namespace or "x", name or "x")
    except ManifestRejected:
        return

    assert path.count("/") == 6
    assert unquote(path) == path
    assert path.isascii()


def test_the_version_is_that_of_the_object() -> None:
    found = known(ObjectRef("gateway.networking.k8s.io/v1beta1", "HTTPRoute", "chat", "a"))

    assert found is not None
    assert found.api_version == "gateway.networking.k8s.io/v1beta1"
    assert found.plural == "httproutes"


def test_a_kind_of_another_group_is_not_taken_for_ours() -> None:
    assert known(ObjectRef("example.com/v1", "Deployment", "chat", "a")) is None


def test_no_kind_stands_twice() -> None:
    everything = [*WRITTEN, *READ]

    assert len({(one.group, one.plural) for one in everything}) == len(everything)
