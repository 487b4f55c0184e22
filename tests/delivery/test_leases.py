"""One worker per cluster: who holds it, until when, and what is fenced off."""

import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.utils import timezone

from inference.clusters.models import Cluster
from inference.delivery.leases import Lease, LeaseLost, lease
from inference.delivery.models import Convergence
from tests.factories.clusters import ClusterFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster(db: None) -> Cluster:
    found: Cluster = ClusterFactory.create()
    return found


def run_out(cluster: Cluster) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Convergence.objects.filter(cluster=cluster).update(expires_at=past)


def record(held: Lease) -> None:
    with transaction.atomic():
        held.fence()


def test_a_lease_is_held_by_one(cluster: Cluster) -> None:
    with lease(cluster.pk) as held, lease(cluster.pk) as second:
        assert held is not None
        assert second is None


def test_a_lease_is_given_back(cluster: Cluster) -> None:
    with lease(cluster.pk) as first:
        pass
    with lease(cluster.pk) as second:
        pass

    assert first is not None
    assert second is not None
    assert second.epoch == first.epoch + 1


def test_a_lease_that_has_run_out_is_taken_over(cluster: Cluster) -> None:
    with lease(cluster.pk) as dead:
        run_out(cluster)
        with lease(cluster.pk) as alive:
            assert dead is not None
            assert alive is not None
            assert alive.epoch == dead.epoch + 1
            record(alive)
            with pytest.raises(LeaseLost):
                record(dead)


def test_a_lease_that_has_run_out_records_while_nobody_took_it(cluster: Cluster) -> None:
    with lease(cluster.pk) as held:
        assert held is not None
        run_out(cluster)

        record(held)


def test_a_lease_that_was_taken_over_is_neither_renewed_nor_given_back(cluster: Cluster) -> None:
    with lease(cluster.pk) as dead:
        assert dead is not None
        run_out(cluster)
        with lease(cluster.pk) as alive:
            assert alive is not None
            assert not dead.renew()
            dead.give_back()
            record(alive)


def test_renewing_moves_the_end_on(cluster: Cluster) -> None:
    with lease(cluster.pk) as held:
        assert held is not None
        soon = timezone.now() + timedelta(seconds=1)
        Convergence.objects.update(expires_at=soon)

        assert held.renew()

    # Given back at the end; what counts is that nobody could have taken it meanwhile.
    assert Convergence.objects.get().epoch == held.epoch


@pytest.mark.parametrize(("age", "allowed"), [(0, True), (17.5, True), (18.5, False), (40, False)])
def test_no_write_begins_with_less_than_twelve_seconds_left(age: float, allowed: bool) -> None:
    held = Lease(uuid4(), 1, asked_at=time.monotonic() - age)

    assert held.allows_a_write == allowed


def test_a_write_has_ten_seconds_and_never_more_than_the_reserve_of_its_lease(
    settings: LazySettings,
) -> None:
    held = Lease(uuid4(), 1, asked_at=0)

    before, usual, after = time.monotonic(), held.write_deadline(), time.monotonic()
    settings.LEASE = timedelta(seconds=3)
    scaled = held.write_deadline() - time.monotonic()

    assert before + 10 <= usual <= after + 10
    assert scaled <= 1


def test_a_lease_counts_from_before_it_was_asked_for(cluster: Cluster) -> None:
    with lease(cluster.pk) as held:
        assert held is not None
        assert held.left <= 30


@pytest.mark.django_db(transaction=True)
def test_of_many_that_take_a_lease_at_once_one_has_it(threaded: None) -> None:
    cluster = ClusterFactory.create()
    Convergence.objects.create(cluster=cluster)
    begin, done = (threading.Barrier(6, timeout=30) for _ in range(2))
    epochs: list[int] = []

    def work() -> None:
        begin.wait()
        with lease(cluster.pk) as held:
            if held:
                epochs.append(held.epoch)
            done.wait()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert epochs == [1]
