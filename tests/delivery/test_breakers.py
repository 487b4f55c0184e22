"""Whether a cluster is worth asking: kept in rows, so that a restart does not ask at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inference.clusters.models import Cluster, ClusterCredential
from inference.delivery import breakers
from inference.delivery.models import Convergence
from tests.factories.clusters import ClusterFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster(db: None) -> Cluster:
    found: Cluster = ClusterFactory.create()
    Convergence.objects.create(cluster=found)
    return found


def fail(
    cluster: Cluster, count: int, *, answered: bool = False, after: float | None = None
) -> timedelta:
    return breakers.failed(cluster.pk, count, answered=answered, retry_after=after)


def test_a_breaker_stays_closed_below_five_failures(cluster: Cluster) -> None:
    fail(cluster, 4)

    assert breakers.closed_for(cluster) is None
    assert not breakers.needs_a_probe(cluster)


def test_a_breaker_opens_at_five_failures_in_a_row(cluster: Cluster) -> None:
    fail(cluster, 2)
    fail(cluster, 3)

    assert Convergence.objects.get().open_until is not None
    assert breakers.needs_a_probe(cluster)


def test_failures_after_an_answer_begin_a_new_row(cluster: Cluster) -> None:
    fail(cluster, 4)

    fail(cluster, 1, answered=True)

    assert Convergence.objects.get().failures == 1


def test_success_closes_a_breaker(cluster: Cluster) -> None:
    fail(cluster, 9)

    breakers.succeeded(cluster.pk)

    assert breakers.closed_for(cluster) is None
    assert not breakers.needs_a_probe(cluster)


@pytest.mark.parametrize(("failures", "most"), [(0, 1), (1, 2), (5, 32), (9, 300), (60, 300)])
def test_backoff_is_jittered_under_a_doubling_ceiling(failures: int, most: float) -> None:
    waits = {breakers.backoff(failures).total_seconds() for _ in range(20)}

    assert breakers.ceiling(failures) == most
    assert max(waits) <= most
    assert len(waits) > 1


def test_what_the_cluster_asks_for_is_waited_for(cluster: Cluster) -> None:
    wait = fail(cluster, 0, after=7.0)

    assert wait >= timedelta(seconds=7)
    row = Convergence.objects.get()
    assert row.open_until is not None
    assert row.open_until > timezone.now() + timedelta(seconds=5)
    assert breakers.closed_for(cluster) is not None
    assert not breakers.needs_a_probe(cluster)


def opened(cluster: Cluster) -> None:
    past, later = (timezone.now() + timedelta(minutes=minutes) for minutes in (-1, 5))
    Convergence.objects.update(failures=7, failed_at=past, open_until=later)


def test_an_open_breaker_looks_again_before_its_time_is_over(cluster: Cluster) -> None:
    opened(cluster)

    wait = breakers.closed_for(cluster)

    assert wait is not None
    assert wait.total_seconds() <= breakers.LOOK


def test_an_open_breaker_lets_go_when_a_probe_was_answered(cluster: Cluster) -> None:
    opened(cluster)

    cluster.contacted_at = timezone.now()

    assert breakers.closed_for(cluster) is None


def test_an_open_breaker_holds_while_probes_fail(cluster: Cluster) -> None:
    opened(cluster)

    cluster.contacted_at, cluster.problem_code = timezone.now(), "cluster-unreachable"

    assert breakers.closed_for(cluster) is not None


def test_an_open_breaker_lets_go_when_the_credential_was_replaced(cluster: Cluster) -> None:
    opened(cluster)

    ClusterCredential.objects.create(
        cluster=cluster,
        kind="token",
        key_id="k",
        wrapped_key=b"",
        sealed=b"",
        replaced_at=timezone.now(),
    )

    assert breakers.closed_for(cluster) is None
