"""A simulated cluster over HTTP: it starts, answers, tells what it was asked, fails as told."""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import urllib3

from inference.simulator.cluster import SimulatedCluster
from inference.simulator.faults import (
    Answers,
    CutsAfter,
    CutsBefore,
    Effect,
    Hangs,
    Silences,
    Trickles,
    Truncates,
    When,
    deep_json,
    rejection,
)
from inference.simulator.world import WorldConfig
from tests.contract.actors import Actor, Credentials
from tests.contract.samples import config_map, container, named, pod


@pytest.fixture
def cluster() -> Iterator[SimulatedCluster]:
    with SimulatedCluster() as running:
        yield running


@pytest.fixture
def administrator(cluster: SimulatedCluster, tmp_path: Path) -> Iterator[Actor]:
    actor = actor_on(cluster, tmp_path)
    yield actor
    actor.pool.close()


def actor_on(cluster: SimulatedCluster, folder: Path) -> Actor:
    parts = {
        "ca.crt": cluster.ca_pem,
        "admin.crt": cluster.administrator.certificate,
        "admin.key": cluster.administrator.key,
    }
    for name, text in parts.items():
        (folder / name).write_text(text)
    credentials = Credentials(folder / "admin.crt", folder / "admin.key")
    return Actor("administrator", cluster.url, folder / "ca.crt", credentials)


def test_what_is_written_over_http_is_in_the_store(
    cluster: SimulatedCluster, administrator: Actor
) -> None:
    administrator.apply(config_map("default"))

    found = cluster.call(lambda: cluster.store.get("v1", "ConfigMap", "default", "settings"))
    assert found["data"] == {"colour": "green"}


def test_a_stopped_cluster_leaves_no_thread_and_ends_its_streams(tmp_path: Path) -> None:
    before = threading.active_count()
    with SimulatedCluster(WorldConfig()) as cluster:
        actor = actor_on(cluster, tmp_path)
        with actor.watch("ConfigMap", "default", resourceVersion="0") as watch:
            first = watch.next()
            cluster.stop()
            rest = watch.rest()
    actor.pool.close()

    assert first is None or first["type"] == "ADDED"
    assert rest == []
    assert threading.active_count() == before


def test_a_world_moves_behind_the_api(tmp_path: Path) -> None:
    with SimulatedCluster(WorldConfig(pace=0.01, listens=False)) as cluster:
        actor = actor_on(cluster, tmp_path)
        nodes = actor.names("Node", "")
        with actor.watch("ServiceAccount", resourceVersion="0", timeoutSeconds=5) as watch:
            actor.create(named("v1", "Namespace", "", "chat"))
            places = set()
            while "chat" not in places:
                event = watch.next()
                assert event is not None
                places.add(event["object"]["metadata"]["namespace"])
        actor.pool.close()

    assert nodes == ["node-1", "node-2"]


def test_the_journal_tells_who_asked_for_what(
    cluster: SimulatedCluster, administrator: Actor
) -> None:
    administrator.apply(config_map("default"), dryRun="All")
    place = cluster.journal.place()
    made = administrator.apply(config_map("default"), force="true")
    administrator.list("ConfigMap", "default", labelSelector="a=b", limit=5)
    administrator.delete(config_map("default"), {"propagationPolicy": "Background"})

    previewed, *_ = cluster.journal.since(0)
    applied, listed, deleted = cluster.journal.since(place)
    assert (previewed.is_dry_run, previewed.is_change) == (True, False)
    assert (applied.verb, applied.user, applied.status) == ("patch", "administrator", 201)
    assert (applied.resource, applied.name, applied.version) == (
        "configmaps",
        "settings",
        made.version,
    )
    assert applied.is_done
    assert applied.is_change
    assert applied.options == {
        "fieldManager": "waybill",
        "fieldValidation": "Strict",
        "force": "true",
    }
    assert (listed.verb, dict(listed.options)) == ("list", {"labelSelector": "a=b", "limit": "5"})
    assert deleted.options == {"propagationPolicy": "Background"}


def test_a_refused_request_is_in_the_journal_too(cluster: SimulatedCluster, tmp_path: Path) -> None:
    actor = actor_on(cluster, tmp_path)
    stranger = Actor("stranger", actor.url, actor.ca, Credentials(token="nonsense"))
    stranger.list("ConfigMap", "default")
    stranger.pool.close()

    (entry,) = cluster.journal.since(0)
    assert (entry.verb, entry.user, entry.status) == ("list", "", 401)


def test_a_fault_meets_the_requests_it_is_for(
    cluster: SimulatedCluster, administrator: Actor
) -> None:
    when = When(verb="patch", resource="configmaps", skips=1, times=1)
    cluster.faults.add(when, rejection(422, "Invalid", "no"))

    statuses = [administrator.apply(config_map("default", name)).status for name in "abc"]

    assert statuses == [201, 422, 201]
    assert administrator.names("ConfigMap", "default") == ["a", "c"]


@pytest.mark.parametrize(
    ("effect", "is_done"), [(CutsBefore(), False), (CutsAfter(), True)], ids=["before", "after"]
)
def test_a_cut_comes_before_or_after_the_deed(
    cluster: SimulatedCluster, administrator: Actor, effect: Effect, *, is_done: bool
) -> None:
    cluster.faults.add(When(verb="patch", times=1), effect)

    with pytest.raises(urllib3.exceptions.HTTPError):
        administrator.apply(config_map("default"))

    assert (administrator.get(config_map("default")).status == 200) is is_done


def test_whoever_hangs_is_cut_off_when_the_fault_is_lifted(
    cluster: SimulatedCluster, administrator: Actor
) -> None:
    fault = cluster.faults.add(When(verb="get"), Hangs())
    found: list[Exception] = []

    def ask() -> None:
        try:
            administrator.get(config_map("default"))
        except urllib3.exceptions.HTTPError as error:
            found.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    while not fault.met:
        assert asking.is_alive()
    cluster.call(fault.lift)
    asking.join()

    assert len(found) == 1
    assert administrator.get(config_map("default")).status == 404


def test_something_else_may_answer(cluster: SimulatedCluster, administrator: Actor) -> None:
    away = {"Location": "http://127.0.0.1:1/"}
    cluster.faults.add(When(verb="get", times=1), Answers(302, b"", away))
    cluster.faults.add(When(verb="list"), deep_json(200))

    redirected = administrator.get(config_map("default"))
    deep = administrator.list("ConfigMap", "default")

    assert (redirected.status, redirected.headers["Location"]) == (302, away["Location"])
    assert deep.content.count(b"{") == 200


def test_an_answer_may_break_after_some_bytes(
    cluster: SimulatedCluster, administrator: Actor
) -> None:
    cluster.faults.add(When(verb="patch", times=1), Truncates(10))

    with pytest.raises(urllib3.exceptions.HTTPError):
        administrator.apply(config_map("default"))

    assert administrator.get(config_map("default")).status == 200


def test_an_answer_may_come_byte_by_byte(cluster: SimulatedCluster, administrator: Actor) -> None:
    cluster.faults.add(When(verb="get", path="/version"), Trickles(0.0001))

    answer = administrator.request("GET", "/version")

    assert answer.body["major"] == "1"


def test_a_watch_may_fall_silent(cluster: SimulatedCluster, administrator: Actor) -> None:
    cluster.faults.add(When(verb="watch", times=1), Silences())
    administrator.create(config_map("default"))
    administrator.pool.timeout = urllib3.Timeout(connect=5, read=0.2)

    with (
        administrator.watch("ConfigMap", "default") as watch,
        pytest.raises(urllib3.exceptions.ReadTimeoutError),
    ):
        watch.next()


def test_a_cluster_may_be_unreachable_for_a_while(
    cluster: SimulatedCluster, administrator: Actor
) -> None:
    administrator.create(config_map("default"))

    with cluster.unreachable(), pytest.raises(urllib3.exceptions.HTTPError):
        administrator.get(config_map("default"))

    assert administrator.get(config_map("default")).status == 200


def test_a_token_that_was_revoked_proves_nothing(
    cluster: SimulatedCluster, administrator: Actor
) -> None:
    account = named("v1", "ServiceAccount", "default", "robot")
    administrator.create(account)
    token = cluster.token("default", "robot")
    robot = Actor("robot", cluster.url, administrator.ca, Credentials(token=token))
    before = robot.list("ConfigMap", "default").status

    cluster.revoke_tokens()

    assert (before, robot.list("ConfigMap", "default").status) == (403, 401)
    robot.pool.close()


def test_a_kubeconfig_lets_a_person_in(cluster: SimulatedCluster) -> None:
    config = cluster.kubeconfig("person", ("viewers",))

    (user,) = config["users"]
    assert config["clusters"][0]["cluster"]["server"] == cluster.url
    assert user["user"].keys() == {"client-certificate-data", "client-key-data"}


def test_a_log_of_a_pod_on_a_simulated_node_is_refused_in_words(
    cluster: SimulatedCluster, administrator: Actor
) -> None:
    bound = pod("default", nodeName="node-0", containers=[container()])
    for one in (named("v1", "Node", "", "node-0"), bound):
        cluster.call(partial(cluster.store.create, one))

    answer = administrator.request("GET", "/api/v1/namespaces/default/pods/engine-0/log")

    assert answer.status == 500
    assert answer.message == "the nodes of a simulated cluster keep no logs"
