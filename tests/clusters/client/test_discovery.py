"""Discovery documents of both kinds, and of servers that make things up."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inference.clusters.client import discovery
from inference.clusters.client.discovery import Capabilities, ServedKind
from inference.clusters.client.kinds import Resource

VERBS = ["create", "get", "list", "patch", "watch"]
AGGREGATED = {
    "kind": "APIGroupDiscoveryList",
    "items": [
        {
            "metadata": {"name": "apps"},
            "versions": [
                {
                    "version": "v1",
                    "resources": [
                        {
                            "resource": "deployments",
                            "responseKind": {"group": "", "version": "", "kind": "Deployment"},
                            "scope": "Namespaced",
                            "verbs": VERBS,
                            "subresources": [{"subresource": "scale"}],
                        }
                    ],
                }
            ],
        },
        {
            "metadata": {},
            "versions": [
                {
                    "version": "v1",
                    "resources": [
                        {
                            "resource": "nodes",
                            "responseKind": {"kind": "Node"},
                            "scope": "Cluster",
                            "verbs": ["get"],
                        }
                    ],
                }
            ],
        },
    ],
}
LEGACY = {
    "kind": "APIResourceList",
    "groupVersion": "apps/v1",
    "resources": [
        {"name": "deployments", "kind": "Deployment", "namespaced": True, "verbs": VERBS},
        {"name": "deployments/scale", "kind": "Scale", "namespaced": True, "verbs": ["get"]},
    ],
}
DEPLOYMENT = ServedKind(Resource("apps", "v1", "Deployment", "deployments"), frozenset(VERBS))
NODE = ServedKind(Resource("", "v1", "Node", "nodes", False), frozenset({"get"}))


def test_the_aggregated_document_names_kinds_in_their_versions() -> None:
    assert set(discovery.aggregated(AGGREGATED)) == {DEPLOYMENT, NODE}


def test_the_older_documents_say_the_same() -> None:
    groups = {"groups": [{"versions": [{"groupVersion": "apps/v1"}, {"groupVersion": "apps/v2"}]}]}

    assert discovery.group_versions(groups) == ("apps/v1", "apps/v2")
    assert set(discovery.of_version("apps/v1", LEGACY)) == {DEPLOYMENT}


def test_capabilities_answer_by_version_and_kind() -> None:
    found = Capabilities("v1.36.2", frozenset({DEPLOYMENT, NODE}))

    assert found.serves("apps/v1", "Deployment")
    assert found.serves("v1", "Node")
    assert not found.serves("apps/v2", "Deployment")
    assert not found.serves("v1", "Deployment")
    assert found.versions("apps", "Deployment") == ("v1",)
    assert found.resource("v1", "Node") == NODE.resource


json = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "items",
                    "versions",
                    "resources",
                    "metadata",
                    "name",
                    "kind",
                    "resource",
                    "responseKind",
                    "verbs",
                    "scope",
                    "groups",
                    "groupVersion",
                    "version",
                ]
            ),
            inner,
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["items", "groups", "resources"]), json))
def test_whatever_a_server_says_is_read_without_a_fault(document: dict[str, Any]) -> None:
    kinds = [*discovery.aggregated(document), *discovery.of_version("a/v1", document)]

    assert all(one.resource.kind and one.resource.plural for one in kinds)
    assert all(isinstance(one, str) for one in discovery.group_versions(document))
