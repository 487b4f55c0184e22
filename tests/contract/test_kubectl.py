"""kubectl as people use it beside the console: every command asks the server in its own way."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.contract.actors import MERGE, Actor, Object
from tests.contract.conftest import Kubectl, KubectlCommand
from tests.contract.samples import Maker, config_map, deployment, pool, role, service

pytestmark = pytest.mark.kubectl


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


@contextmanager
def started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_a_server_side_apply_creates_changes_and_leaves(
    kubectl: Kubectl, person: Actor, place: str
) -> None:
    def apply(obj: Object) -> str:
        return kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(obj)).stdout

    told = [apply(config_map(place, colour=colour)) for colour in ("green", "blue", "blue")]

    assert told == ["configmap/settings serverside-applied\n"] * 3
    found = person.get(config_map(place)).body
    assert found["data"] == {"colour": "blue"}
    assert [
        (entry["manager"], entry["operation"]) for entry in found["metadata"]["managedFields"]
    ] == [("kubectl", "Apply")]


def test_a_server_side_apply_over_somebody_else_is_a_conflict(
    kubectl: Kubectl, product: Actor, place: str
) -> None:
    product.apply(config_map(place))
    planned = json.dumps(config_map(place, colour="blue"))

    refused = kubectl("apply", "--server-side", "-f", "-", stdin=planned)
    forced = kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=planned)

    assert refused.returncode == 1
    assert 'conflict with "waybill": .data.colour' in refused.stderr
    assert forced.stdout == "configmap/settings serverside-applied\n"


@pytest.mark.parametrize("make", [deployment, pool, service, role], ids=lambda make: make.__name__)
def test_an_apply_of_the_client_creates_changes_and_leaves(
    kubectl: Kubectl, person: Actor, place: str, make: Maker
) -> None:
    planned = make(place)
    changed = make(place)
    changed["metadata"]["labels"] = {"team": "chat"}

    told = [
        kubectl("apply", "-f", "-", stdin=json.dumps(obj)).stdout.split()[1]
        for obj in (planned, changed, changed, planned)
    ]

    assert told == ["created", "configured", "unchanged", "configured"]
    assert not person.get(planned).body["metadata"].get("labels")


def test_an_apply_of_the_client_merges_lists_by_key(
    kubectl: Kubectl, person: Actor, place: str
) -> None:
    one, other = deployment(place), deployment(place)
    one["spec"]["template"]["spec"]["volumes"] = [{"name": "a", "emptyDir": {}}]
    other["spec"]["template"]["spec"]["volumes"] = [{"name": "b", "emptyDir": {}}]
    kubectl("apply", "-f", "-", stdin=json.dumps(one))

    answer = kubectl("apply", "-f", "-", stdin=json.dumps(other))

    assert answer.stdout == "deployment.apps/engine configured\n"
    volumes = person.get(deployment(place)).body["spec"]["template"]["spec"]["volumes"]
    assert [volume["name"] for volume in volumes] == ["b"]


def test_an_unknown_field_is_refused(kubectl: Kubectl, place: str) -> None:
    answer = kubectl("apply", "-f", "-", stdin=json.dumps(deployment(place, colour="green")))

    assert answer.returncode == 1
    assert 'strict decoding error: unknown field "spec.colour"' in answer.stderr


@pytest.mark.parametrize("options", [(), ("--server-side",)], ids=["client", "server"])
def test_a_diff_tells_what_would_change(
    kubectl: Kubectl, product: Actor, place: str, options: tuple[str, ...]
) -> None:
    planned = json.dumps(deployment(place, replicas=2))
    kubectl("apply", *options, "-f", "-", stdin=planned)

    same = kubectl("diff", *options, "-f", "-", stdin=planned)
    other = kubectl("diff", *options, "-f", "-", stdin=json.dumps(deployment(place, replicas=3)))

    assert (same.returncode, same.stdout) == (0, "")
    assert other.returncode == 1
    assert "-  replicas: 2" in other.stdout
    assert "+  replicas: 3" in other.stdout


def test_objects_are_shown_as_a_table(kubectl: Kubectl, person: Actor, place: str) -> None:
    person.create(deployment(place, replicas=2))
    person.create(config_map(place))

    deployments = rows(kubectl("get", "deployments").stdout)
    settings = rows(kubectl("get", "configmap", "settings").stdout)

    assert deployments[0] == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert deployments[1][:4] == ["engine", "0/2", "0", "0"]
    assert settings[0] == ["NAME", "DATA", "AGE"]
    assert settings[1][:2] == ["settings", "1"]


def test_objects_are_found_by_short_names_and_labels(
    kubectl: Kubectl, person: Actor, place: str
) -> None:
    labelled = config_map(place, "chosen")
    labelled["metadata"]["labels"] = {"tier": "a"}
    person.create(labelled)
    person.create(config_map(place, "other"))
    person.create(pool(place))

    chosen = kubectl("get", "cm", "--selector=tier=a", "--output=name")
    pools = kubectl("get", "infpool", "--output=jsonpath={.items[*].spec.targetPorts[0].number}")

    assert chosen.stdout == "configmap/chosen\n"
    assert pools.stdout == "8000"


def test_everything_that_runs_is_shown_at_once(kubectl: Kubectl, person: Actor, place: str) -> None:
    person.create(deployment(place))
    person.create(service(place))

    answer = kubectl("get", "all", "--output=name")

    assert sorted(answer.stdout.split()) == ["deployment.apps/engine", "service/picker"]


def test_a_watch_shows_each_change(
    kubectl_command: KubectlCommand, person: Actor, place: str
) -> None:
    person.create(deployment(place, replicas=2))
    with started(kubectl_command("get", "deployments", "--watch")) as process:
        assert process.stdout is not None
        head, first = process.stdout.readline(), process.stdout.readline()
        status = {"status": {"replicas": 2, "readyReplicas": 1}}
        person.patch(deployment(place), status, MERGE, subresource="status")
        second = process.stdout.readline()

    assert head.split()[0] == "NAME"
    assert first.split()[:2] == ["engine", "0/2"]
    assert second.split()[:2] == ["engine", "1/2"]


def test_a_deployment_is_scaled(kubectl: Kubectl, person: Actor, place: str) -> None:
    person.create(deployment(place))

    answer = kubectl("scale", "deployment/engine", "--replicas=3")
    refused = kubectl("scale", "deployment/engine", "--current-replicas=7", "--replicas=1")

    assert answer.stdout == "deployment.apps/engine scaled\n"
    assert refused.returncode == 1
    found = person.get(deployment(place)).body
    assert found["spec"]["replicas"] == 3
    owners = {
        (entry["manager"], entry.get("subresource"))
        for entry in found["metadata"]["managedFields"]
        if "f:spec" in entry["fieldsV1"]
    }
    assert ("kubectl", "scale") in owners


def test_a_deletion_waits_until_the_object_is_gone(
    kubectl: Kubectl, person: Actor, place: str
) -> None:
    person.create(config_map(place, "a"))
    person.create(config_map(place, "b"))

    one = kubectl("delete", "configmap", "a")
    again = kubectl("delete", "configmap", "a")
    ignored = kubectl("delete", "configmap", "a", "--ignore-not-found")

    assert one.returncode == 0
    assert one.stdout.startswith('configmap "a" deleted')
    assert again.returncode == 1
    assert '(NotFound): configmaps "a" not found' in again.stderr
    assert ignored.returncode == 0
    assert "b" in person.names("ConfigMap", place)


def test_a_wait_ends_with_the_condition(
    kubectl_command: KubectlCommand, person: Actor, place: str
) -> None:
    person.create(deployment(place))
    command = kubectl_command("wait", "deployment/engine", "--for=condition=Available")
    condition = {"type": "Available", "status": "True", "reason": "Ready", "message": "m"}
    with started([*command, "--timeout=20s"]) as process:
        status = {"status": {"observedGeneration": 1, "conditions": [condition]}}
        person.patch(deployment(place), status, MERGE, subresource="status")
        told, _ = process.communicate(timeout=20)

    assert told == "deployment.apps/engine condition met\n"
    assert process.returncode == 0


def test_a_wait_ends_with_the_object(
    kubectl_command: KubectlCommand, person: Actor, place: str
) -> None:
    person.create(config_map(place))
    command = kubectl_command("wait", "configmap/settings", "--for=delete", "--timeout=20s")
    with started(command) as process:
        person.delete(config_map(place))
        told, _ = process.communicate(timeout=20)

    assert told in {"configmap/settings condition met\n", ""}
    assert process.returncode == 0


def test_a_wait_gives_up(kubectl: Kubectl, person: Actor, place: str) -> None:
    person.create(deployment(place))

    answer = kubectl("wait", "deployment/engine", "--for=condition=Available", "--timeout=1s")

    assert answer.returncode == 1
    assert "timed out waiting for the condition" in answer.stderr


def test_the_kinds_are_listed(kubectl: Kubectl) -> None:
    answer = kubectl("api-resources", "--no-headers", "--output=name")

    assert {
        "configmaps",
        "deployments.apps",
        "httproutes.gateway.networking.k8s.io",
        "inferencepools.inference.networking.k8s.io",
        "selfsubjectaccessreviews.authorization.k8s.io",
    } <= set(answer.stdout.split())
