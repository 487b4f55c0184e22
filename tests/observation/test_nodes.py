"""Nodes become rows that say what they offer, and are not written again for every heartbeat."""

from inference.clusters.client.errors import MESSAGES, Rejected
from inference.clusters.models import LiveObject, WatchState
from inference.simulator.errors import Object
from inference.simulator.faults import Answers, When
from tests.contract.samples import node
from tests.observation.observing import East, observing, until

GPU = "nvidia.com/gpu"


def ready(name: str, heartbeat: str = "12:00:00", devices: str = "8") -> Object:
    made = node("", name)
    features = {f"feature-{number:03}": "true" for number in range(200)}
    made["metadata"]["labels"] = {**features, "nvidia.com/gpu.product": "H100"}
    made["status"]["allocatable"] = {"cpu": "64", GPU: devices}
    at = f"2026-06-01T{heartbeat}Z"
    condition = {"type": "Ready", "status": "True", "lastHeartbeatTime": at}
    made["status"]["conditions"] = [condition]
    return made


def beat(east: East, name: str, heartbeat: str, devices: str = "8") -> str:
    """The version that the node has from then on."""
    told = ready(name, heartbeat, devices)
    written = east.server.call(lambda: east.server.store.update_status(told))
    return str(written["metadata"]["resourceVersion"])


def test_a_node_is_seen_with_its_devices_and_all_labels_that_pools_may_select(east: East) -> None:
    east.put(ready("gpu-1", devices="7"))

    with observing():
        until(lambda: east.seen("gpu-1", "Node"))

    row = east.seen("gpu-1", "Node")
    assert row is not None
    assert (row.summary["capacity"], row.summary["allocatable"]) == ({GPU: 8}, {GPU: 7})
    assert row.labels["nvidia.com/gpu.product"] == "H100"
    assert set(row.summary["conditions"]) == {"Ready"}


def test_a_heartbeat_that_tells_nothing_new_is_not_written(east: East) -> None:
    first = east.put(ready("gpu-1"))["metadata"]["resourceVersion"]
    east.put(ready("gpu-2"))
    with observing():
        until(lambda: east.seen("gpu-1", "Node") and east.seen("gpu-2", "Node"))
        beat(east, "gpu-1", "12:05:00")
        later = beat(east, "gpu-2", "12:05:00", devices="6")
        until(lambda: version("gpu-2") == later)

        assert version("gpu-1") == first

        later = beat(east, "gpu-1", "12:10:00", devices="0")
        until(lambda: version("gpu-1") == later)


def test_a_node_that_came_back_as_it_was_is_there_again(east: East) -> None:
    east.put(ready("gpu-1"))
    with observing():
        until(lambda: east.seen("gpu-1", "Node"))
        east.delete(ready("gpu-1"))
        until(lambda: not east.seen("gpu-1", "Node"))
        east.put(ready("gpu-1"))
        until(lambda: east.seen("gpu-1", "Node"))


def test_an_account_that_may_not_list_nodes_is_known_for_it(east: East) -> None:
    said = 'nodes is forbidden: User "waybill" cannot list resource "nodes" at the cluster scope'
    refusal = {"kind": "Status", "code": 403, "reason": "Forbidden", "message": said}
    east.fail(When(resource="nodes"), Answers(403, refusal))

    with observing():
        until(lambda: problem() == MESSAGES[Rejected.FORBIDDEN].code)


def problem() -> str:
    found = WatchState.objects.filter(kind="Node", namespace="").first()
    return found.problem_code if found else ""


def version(name: str) -> str:
    return LiveObject.objects.get(kind="Node", name=name).resource_version
