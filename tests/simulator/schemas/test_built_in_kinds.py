"""Our schemas of built-in kinds say what a real API server publishes, and no more."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from inference.simulator.resources import Resource
from inference.simulator.schemas import RESOURCES
from tests.contract import control_plane
from tests.contract.actors import Actor
from tests.simulator.schemas.upstream import differences

Schema = dict[str, Any]
BUILT_IN = [resource for resource in RESOURCES if not resource.is_custom]
pytestmark = pytest.mark.apiserver


class Published:
    """The schemas that a server publishes under `/openapi/v3`."""

    def __init__(self, actor: Actor) -> None:
        self._parts: dict[str, Schema] = {}
        for api_version in sorted({resource.api_version for resource in BUILT_IN}):
            root = "apis" if "/" in api_version else "api"
            answer = actor.request("GET", f"/openapi/v3/{root}/{api_version}")
            assert answer.status == 200, answer.content
            self._parts.update(json.loads(answer.content)["components"]["schemas"])

    def of(self, resource: Resource) -> Schema:
        meant = {"group": resource.group, "kind": resource.kind, "version": resource.version}
        return next(
            part
            for part in self._parts.values()
            if part.get("x-kubernetes-group-version-kind") == [meant]
        )

    def resolve(self, schema: Schema) -> Schema:
        """The schema with what it refers to laid under it."""
        found: Schema = {}
        for part in (schema, *schema.get("allOf", ())):
            if "$ref" in part:
                found.update(self._parts[part["$ref"].rpartition("/")[2]])
        return {**found, **{key: part for key, part in schema.items() if key != "allOf"}}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    with control_plane.running(tmp_path_factory.mktemp("published")) as server:
        credentials = server.certificate("administrator", ("system:masters",))
        yield Published(Actor("administrator", server.url, server.ca, credentials))


@pytest.mark.parametrize("resource", BUILT_IN, ids=lambda resource: resource.kind)
def test_a_schema_is_a_part_of_the_published_one(published: Published, resource: Resource) -> None:
    upstream = published.of(resource)

    found = differences(
        resource.schema or {}, upstream, "", resolve=published.resolve, strict=False
    )

    assert list(found) == []
