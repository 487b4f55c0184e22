"""From rows to readiness: whose pods they are, what is missing, and how many queries it takes."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from inference.clusters.models import LiveObject, WatchState
from inference.messages import Message
from inference.messages import observation as messages
from inference.observation import readiness
from inference.observation.freshness import MISSING
from inference.observation.ladder import Rung
from inference.observation.models import ObserverLease
from inference.observation.readiness import Subject
from inference.observation.summaries import summary_of
from tests.factories.clusters import ClusterFactory
from tests.observation.scene import (
    GATEWAYS,
    NAMESPACE,
    NO_IMAGE,
    PLACE,
    READY,
    Scene,
    of,
    of_route,
    pending,
)


def test_a_placement_with_everything_is_registered(scene: Scene) -> None:
    found = of(scene.placement())

    assert (found.rung, found.is_ready) == (Rung.REGISTERED, True), found.sentence


def test_a_route_whose_gateway_has_taken_it_is_routable(scene: Scene) -> None:
    scene.placement()
    scene.gateway()

    found = of_route(scene.route())

    assert (found.rung, found.is_ready) == (Rung.ROUTABLE, True), found.sentence


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("Deployment", "qwen", messages.NOT_SEEN),
        ("Deployment", "qwen-epp", messages.NOT_SEEN),
        ("InferencePool", "qwen", messages.NOT_SEEN),
        ("ServiceAccount", "qwen-epp", messages.PICKER_RIGHTS_MISSING),
        ("Role", "qwen-epp", messages.PICKER_RIGHTS_MISSING),
        ("RoleBinding", "qwen-epp", messages.PICKER_RIGHTS_MISSING),
    ],
)
def test_what_was_seen_to_go_is_missed(
    scene: Scene, kind: str, name: str, message: Message
) -> None:
    subject = scene.placement()
    LiveObject.objects.filter(kind=kind, name=name).update(gone_at=Now())

    found = of(subject)

    assert (found.message, found.is_ready) == (message, False)


def _late_lease(scene: Scene) -> None:
    ObserverLease.objects.update(expires_at=Now() - timedelta(seconds=1))


def _stalled_watch(scene: Scene) -> None:
    at = Now() - timedelta(seconds=91)
    WatchState.objects.update(heard_at=at, synced_at=at)


@pytest.mark.parametrize("silence", [_late_lease, _stalled_watch])
def test_what_nobody_sees_any_more_is_unknown_and_says_since_when(
    scene: Scene, silence: Callable[[Scene], None]
) -> None:
    subject = scene.placement()
    scene.gateway()
    route = scene.route()
    silence(scene)

    for found in (of(subject), of_route(route)):
        assert (found.is_known, found.is_ready) == (False, False)
        assert found.message is messages.STALE


def test_a_missing_namespace_is_said_of_everything_in_it(scene: Scene) -> None:
    subject, route = scene.placement(), scene.route()
    state = {"problem_code": MISSING.code, "problem_params": {"namespace": NAMESPACE}}
    WatchState.objects.create(
        cluster=scene.cluster,
        namespace=NAMESPACE,
        kind="Namespace",
        heard_at=Now(),
        synced_at=Now(),
        **state,
    )

    assert of(subject).message is MISSING
    assert of_route(route).message is MISSING


def test_pods_of_the_newest_replica_set_speak_for_the_placement(scene: Scene) -> None:
    subject = scene.placement()
    old = {"metadata": {"annotations": {"deployment.kubernetes.io/revision": "1"}}}
    scene.see("ReplicaSet", "qwen-a", old, owner="Deployment/qwen")
    scene.see("Pod", "qwen-a-1", NO_IMAGE, owner="ReplicaSet/qwen-a")
    rolling = {"replicas": 2, "readyReplicas": 1, "updatedReplicas": 1}
    summary = summary_of({"kind": "Deployment", "status": rolling}) | {"revision": "2"}
    LiveObject.objects.filter(kind="Deployment", name="qwen").update(summary=summary)

    assert of(subject).message is messages.ROLLING_OUT


def test_a_pod_tells_why_its_placement_waits(scene: Scene) -> None:
    subject = scene.placement()
    counts = {"replicas": 1, "readyReplicas": 0, "updatedReplicas": 1}
    summary = summary_of({"kind": "Deployment", "status": counts})
    LiveObject.objects.filter(kind="Deployment", name="qwen").update(summary=summary)
    broken = summary_of({"kind": "Pod", **NO_IMAGE})
    LiveObject.objects.filter(kind="Pod", name="qwen-b-1").update(summary=broken)

    found = of(subject)

    assert (found.rung, found.message) == (Rung.SCHEDULED, messages.IMAGE_NOT_FOUND)
    assert "manifest unknown" in found.sentence


def _waits_for_its_configuration(scene: Scene) -> Subject:
    subject = scene.placement()
    creating = pending(state={"waiting": {"reason": "ContainerCreating"}})
    creating["spec"]["volumes"] = [{"name": "plugins", "configMap": {"name": "qwen-epp-0a1b"}}]
    counts = {"replicas": 1, "readyReplicas": 0, "updatedReplicas": 1}
    summary = summary_of({"kind": "Deployment", "status": counts})
    LiveObject.objects.filter(kind="Deployment", name="qwen-epp").update(summary=summary)
    LiveObject.objects.filter(kind="Pod", name="qwen-epp-b-1").update(
        summary=summary_of({"kind": "Pod", **creating})
    )
    return subject


def test_a_config_map_that_is_not_there_is_named(scene: Scene) -> None:
    found = of(_waits_for_its_configuration(scene))

    assert (found.rung, found.is_moving) == (Rung.ENGINE_READY, False)
    assert "ConfigMap qwen-epp-0a1b" in found.sentence


def test_a_config_map_that_is_there_is_being_mounted(scene: Scene) -> None:
    subject = _waits_for_its_configuration(scene)
    scene.see("ConfigMap", "qwen-epp-0a1b")

    assert of(subject).is_moving


def test_what_changed_a_moment_ago_is_still_on_its_way(scene: Scene) -> None:
    subject = scene.placement()
    counts = {"replicas": 1, "readyReplicas": 0, "updatedReplicas": 1}
    summary = summary_of({"kind": "Deployment", "status": counts})
    LiveObject.objects.filter(kind="Deployment", name="qwen").update(summary=summary)
    silent = pending(started=True, state={"running": {"startedAt": "12:00"}})
    pods = LiveObject.objects.filter(kind="Pod", name="qwen-b-1")
    pods.update(summary=summary_of({"kind": "Pod", **silent}), changed_at=timezone.now())

    at_first = of(subject)
    pods.update(changed_at=timezone.now() - settings.SETTLE - timedelta(seconds=5))
    later = of(subject)

    assert at_first.message is later.message is messages.NOT_ANSWERING
    assert (at_first.is_moving, later.is_moving) == (True, False)


def test_rows_of_another_cluster_or_namespace_are_nobodys(scene: Scene) -> None:
    subject = scene.placement()
    elsewhere = Subject(UUID(int=1), subject.cluster_id, GATEWAYS, subject.name)
    other = Subject(UUID(int=2), ClusterFactory.create().pk, NAMESPACE, subject.name)

    assert of(elsewhere).message is messages.NOT_SEEN
    assert of(other).message is messages.NEVER_OBSERVED


@pytest.mark.parametrize("count", [1, 50])
def test_many_placements_cost_five_queries(
    scene: Scene, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    subjects = [scene.placement(f"qwen-{number}") for number in range(count - 1)]
    subjects.append(_waits_for_its_configuration(scene))

    with django_assert_num_queries(5):
        found = readiness.placements(subjects)

    assert [one.is_ready for one in found.values()] == [True] * (count - 1) + [False]


@pytest.mark.parametrize("count", [1, 50])
def test_many_routes_cost_four_queries(
    scene: Scene, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scene.gateway()
    scene.see("InferencePool", "qwen")
    subjects = [(scene.route(f"chat-{number}"), PLACE) for number in range(count)]

    with django_assert_num_queries(4):
        found = readiness.routes(subjects)

    assert [one.is_ready for one in found.values()] == [True] * count


def test_nothing_asked_is_nothing_found(db: None) -> None:
    assert readiness.placements([]) == {}
    assert readiness.routes([]) == {}


def test_each_replica_stands_where_it_stopped(scene: Scene) -> None:
    subject = scene.placement()
    scene.see("Pod", "qwen-b-2", NO_IMAGE, owner="ReplicaSet/qwen-b")

    found = readiness.standings([subject])[subject.id]

    assert [(one.name, one.rung) for one in found.replicas] == [
        ("qwen-b-1", Rung.ENGINE_READY),
        ("qwen-b-2", Rung.SCHEDULED),
    ]
    stop = found.replicas[1].stop
    assert stop is not None
    assert stop.message is messages.IMAGE_NOT_FOUND
    assert f"grant of {NAMESPACE}" in stop.advice(NAMESPACE)
    assert found.picker is None


def test_a_replica_that_is_ending_is_none_any_more(scene: Scene) -> None:
    subject = scene.placement()
    ending = {**READY, "metadata": {"deletionTimestamp": "2026-06-01T12:00:00Z"}}
    scene.see("Pod", "qwen-b-2", ending, owner="ReplicaSet/qwen-b")

    assert len(readiness.standings([subject])[subject.id].replicas) == 1


def test_a_picker_that_fails_is_told_beside_replicas_that_are_ready(scene: Scene) -> None:
    subject = scene.placement()
    LiveObject.objects.filter(kind="Role").update(gone_at=Now())

    found = readiness.standings([subject])[subject.id]

    assert found.replicas[0].stop is None
    assert found.picker is not None
    assert found.picker.message is messages.PICKER_RIGHTS_MISSING
