"""What three worlds become stands in files that a person can read.

`WAYBILL_RECORD=1` writes them anew: what changes there restarts engines, so read the difference.
"""

import os
from pathlib import Path
from uuid import UUID

import pytest
import yaml

from inference.definitions.references import faults
from inference.definitions.world import World
from inference.rendering.worlds import render
from tests.rendering.golden_worlds import GOLDENS

FOLDER = Path(__file__).parent / "goldens"


class Readable(yaml.SafeDumper):
    """Each value where it is used, and texts of several lines as they are read."""

    def ignore_aliases(self, _: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, "|" if "\n" in data else None)


Readable.add_representer(str, _text)


def text_of(world: World, edited: frozenset[UUID]) -> str:
    manifests = [one.manifest for part in render(world, edited) for one in part.objects]
    return yaml.dump_all(manifests, Dumper=Readable, width=100)


@pytest.mark.parametrize("name", GOLDENS)
def test_a_golden_world_holds_together(name: str) -> None:
    world, edited = GOLDENS[name]()

    assert [fault for key in edited for fault in faults(world, world.entries[key])] == []


@pytest.mark.parametrize("name", GOLDENS)
def test_a_golden_world_becomes_what_is_written_down(name: str) -> None:
    file = FOLDER / f"{name}.yaml"

    text = text_of(*GOLDENS[name]())
    if os.environ.get("WAYBILL_RECORD") == "1":
        file.write_text(text)

    assert text == file.read_text()
