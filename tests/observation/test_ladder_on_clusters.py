"""Readiness stops at the right rung, with the real reason: on clusters, seen by an observer."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from inference.clusters.client.connection import Connection
from inference.clusters.client.kubeconfig import parse_kubeconfig
from inference.messages import observation as messages
from inference.simulator.cluster import SimulatedCluster
from inference.simulator.world import WorldConfig
from tests import cluster, databases
from tests.observation.ladder_cases import CASES
from tests.observation.ladder_objects import Case, Object
from tests.observation.ladder_stages import Stage, is_expected, stage

CLUSTERS = ["simulated", pytest.param("real", marks=pytest.mark.cluster)]
ON_THE_WAY = {messages.NOT_SEEN, messages.GATEWAY_NOT_SEEN, messages.READY}
"""What may be said before an observer has seen anything, and before a deed is done."""
Play = Callable[[Sequence[Object]], None]


@contextmanager
def real(folder: Path) -> Iterator[tuple[Connection, Play]]:
    with cluster.running(folder) as kit:
        yield parse_kubeconfig(kit.kubeconfig.read_text()), lambda entries: kit.scenario(*entries)


@contextmanager
def simulated(folder: Path) -> Iterator[tuple[Connection, Play]]:
    """Five times as fast as a real one, with a back-off as short."""
    config = WorldConfig(pace=0.2, listens=False, crash_backoff=1)
    with SimulatedCluster(config) as running:
        world = running.world
        assert world is not None

        def play(entries: Sequence[Object]) -> None:
            running.call(lambda: setattr(world, "scenarios", entries))

        yield parse_kubeconfig(json.dumps(running.kubeconfig())), play


@pytest.fixture(scope="module", params=CLUSTERS)
def played(
    request: pytest.FixtureRequest,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp(request.param)
    with ExitStack() as stack:
        stack.enter_context(override_settings(SETTLE=timedelta(seconds=5)))
        stack.enter_context(django_db_blocker.unblock())
        stack.enter_context(databases.shared_file(folder))
        begin = simulated if request.param == "simulated" else real
        administrator, play = stack.enter_context(begin(folder))
        made = stack.enter_context(stage(folder, administrator, play))
        made.perform(CASES)
        yield made


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_readiness_stops_at_the_rung_with_the_reason_of_the_cluster(
    played: Stage, case: Case
) -> None:
    found = played.arrives(case, CASES)

    assert is_expected(found, case), (found.rung, found.sentence, found.is_moving)
    assert re.search(case.words, found.sentence), found.sentence


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_nothing_else_was_said_on_the_way_that_somebody_would_act_on(
    played: Stage, case: Case
) -> None:
    played.arrives(case, CASES)

    told = {one.message for one in played.said[case.name] if one.is_known and not one.is_moving}
    assert told <= ON_THE_WAY | {case.message}, [one.sentence for one in played.said[case.name]]
