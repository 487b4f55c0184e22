"""A change of a route is not done before each of its members has answered through the gateway."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from console.demo.company import Company
from console.demo.walk import walk
from inference.simulator.cluster import SimulatedCluster
from tests.live.world import prepared

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

PATIENCE = 120.0
DEAF = {"pod": "qwen3-next-", "container": "epp", "deaf": 1_000_000}
"""The canary's picker is ready, and takes no call."""
SILENT = "No answer has come through the gateway from qwen3-next-east on h100-east yet"


class Push:
    """The only one, as its author sees it."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def wait(self, *words: str, state: str) -> None:
        """Until it is in this state and says so. Raises AssertionError with what it said."""
        deadline = time.monotonic() + PATIENCE
        found: list[dict[str, Any]] = []
        while time.monotonic() < deadline:
            found = self._company.author.get("/pushes/")["items"]
            for push in found:
                said = (push["problem"] or {}).get("detail", "")
                if push["state"] == state and all(one in said for one in words):
                    return
            time.sleep(0.05)
        raise AssertionError(found)


def start_anew(running: SimulatedCluster) -> None:
    """Its picker, as one that takes calls."""
    assert running.world is not None
    running.world.scenarios = []
    for pod in running.store.list("v1", "Pod", "llm-chat"):
        if pod["metadata"]["name"].startswith("qwen3-next-") and "-epp-" in pod["metadata"]["name"]:
            running.store.delete("v1", "Pod", "llm-chat", pod["metadata"]["name"])


def test_a_member_whose_picker_is_deaf_keeps_the_change_from_being_done(tmp_path: Path) -> None:
    """The walk ends with forty requests through the route, of which none may fail."""
    with prepared(tmp_path) as (world, company), ThreadPoolExecutor(1) as pool:
        running = world.cluster.simulated
        assert running is not None
        running.call(lambda: setattr(running.world, "scenarios", [DEAF]))
        world.observe()
        push, way = Push(company), pool.submit(walk, company, [world.cluster])

        push.wait(SILENT, "The gateway answered 500", state="verifying")
        running.call(lambda: start_anew(running))
        push.wait(state="succeeded")

        way.result(PATIENCE)
