"""Our schemas of custom kinds say what the published definitions say, and no more."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from inference.simulator.resources import Resource
from inference.simulator.schemas import RESOURCES
from tests.contract.control_plane import CRDS, shared
from tests.simulator.schemas.upstream import differences

Schema = dict[str, Any]
CUSTOM = [resource for resource in RESOURCES if resource.is_custom]


@cache
def definitions() -> dict[tuple[str, str], Schema]:
    """The published schemas by group and kind, of the version that we serve."""
    folder = shared() / "crds"
    found: dict[tuple[str, str], Schema] = {}
    for name in CRDS:
        found.update(_schemas(folder / f"{name}.yaml"))
    return found


def _schemas(path: Path) -> dict[tuple[str, str], Schema]:
    spec = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)["spec"]
    kind = spec["names"]["kind"]
    return {
        (f"{spec['group']}/{version['name']}", kind): version["schema"]["openAPIV3Schema"]
        for version in spec["versions"]
    }


@pytest.mark.parametrize("resource", CUSTOM, ids=lambda resource: resource.kind)
def test_a_schema_is_a_part_of_the_published_one(resource: Resource) -> None:
    upstream = definitions()[resource.api_version, resource.kind]

    found = differences(resource.schema or {}, upstream, "", resolve=lambda part: part, strict=True)

    assert list(found) == []


def test_a_schema_that_says_something_else_is_found_out() -> None:
    ours = {
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": {"type": "string"},
            "b": {"type": "array", "items": {"type": "string"}},
        },
    }
    theirs = {
        "type": "object",
        "properties": {"a": {"type": "integer", "default": 1}},
    }

    found = list(differences(ours, theirs, "", resolve=lambda part: part, strict=True))

    assert found == [
        ": required is {'a'}, upstream set()",
        ".a: type is 'string', upstream 'integer'",
        ".a: default is None, upstream 1",
        ".b: unknown upstream",
    ]
