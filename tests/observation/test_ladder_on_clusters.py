"""Readiness stops at the right rung, with the real reason: on clusters, seen by an observer."""

import re
from collections.abc import Iterator, Sequence

import pytest
from pytest_django import DjangoDbBlocker

from inference.clusters.client.kubeconfig import parse_kubeconfig
from inference.messages import observation as messages
from tests import cluster, databases
from tests.observation.ladder_cases import CASES, Case, Object
from tests.observation.ladder_stages import Stage, is_expected, stage

CLUSTERS = [pytest.param("real", marks=pytest.mark.cluster)]
ON_THE_WAY = {messages.NOT_SEEN, messages.GATEWAY_NOT_SEEN, messages.READY}
"""What may be said before an observer has seen anything, and before a deed is done."""


@pytest.fixture(scope="module", params=CLUSTERS)
def played(
    request: pytest.FixtureRequest,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp(request.param)
    with django_db_blocker.unblock(), databases.shared_file(folder), cluster.running(folder) as kit:

        def play(entries: Sequence[Object]) -> None:
            kit.scenario(*entries)

        administrator = parse_kubeconfig(kit.kubeconfig.read_text())
        with stage(folder, administrator, play) as made:
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
