"""From raw objects to summaries: the few fields that count, bounded, whatever comes."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inference.observation import summaries
from inference.observation.assessment import PlacementFacts, Workload, assess_placement
from inference.observation.ladder import Rung
from inference.observation.pods import Pod, assess_pod, lowest
from inference.observation.routing import RouteFacts, Seen, assess_route
from inference.observation.summaries import LARGEST, LAST_WORDS, LONGEST, Summary, summary_of
from inference.observation.timing import times_of

KINDS = [
    "Deployment", "ReplicaSet", "Pod", "Gateway", "HTTPRoute", "InferencePool", "Node", "Role",
    "RoleBinding", "Namespace", "ConfigMap",
]  # fmt: skip
FIELDS = [
    "metadata", "name", "namespace", "annotations", "deletionTimestamp", "managedFields", "spec",
    "status", "phase", "reason", "message", "conditions", "type", "observedGeneration", "replicas",
    "readyReplicas", "volumes", "configMap", "optional", "nodeName", "podIP", "schedulingGates",
    "containerStatuses", "initContainerStatuses", "state", "lastState", "waiting", "running",
    "terminated", "startedAt", "exitCode", "restartCount", "ready", "started", "addresses", "value",
    "listeners", "port", "protocol", "hostname", "parents", "parentRef", "sectionName", "rules",
    "backendRefs", "kind", "weight", "allocatable", "taints", "key", "effect", "unschedulable",
    "creationTimestamp", "lastTransitionTime", "manager", "operation", "fieldsV1", "f:rules",
    "f:subjects",
]  # fmt: skip

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["True", "False", "Apply", "waybill", "InferencePool", "OOMKilled"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=25,
)


@given(st.sampled_from(KINDS) | anything, anything, anything, anything)
@example("Deployment", {"annotations": {"deployment.kubernetes.io/revision": "²"}}, None, None)
@example("Pod", None, None, {"containerStatuses": [{"name": "\ud800", "restartCount": -1}]})
def test_no_object_makes_a_summary_or_its_reading_fail(
    kind: Any, metadata: Any, spec: Any, status: Any
) -> None:
    summary = summary_of({"kind": kind, "metadata": metadata, "spec": spec, "status": status})

    json.dumps(summary).encode()
    assess_everything(summary)


def assess_everything(summary: Summary) -> None:
    """Whatever a summary says, it is read as something."""
    pod, seen = Pod("qwen-1", summary), Seen(summary, 1)
    times_of(summary, Rung.ENGINE_READY)
    workload = Workload("qwen", 1, 1, summary, [pod])
    stop = assess_pod(pod)
    assert stop is None or stop.sentence
    lowest([pod])
    assert assess_placement(PlacementFacts(workload, workload, has_pool=True)).sentence
    pools = {"qwen": seen}
    assert assess_route(RouteFacts("gw/llm", seen, seen, listener="http", pools=pools)).sentence


@given(anything)
def test_rights_are_read_from_any_managed_fields(entries: Any) -> None:
    for kind in ("Role", "RoleBinding"):
        summary = summary_of({"kind": kind, "metadata": {"managedFields": entries}})

        assert set(summary["taken"]) <= {"rules", "roleRef", "subjects"}


@given(st.text(max_size=5000))
def test_foreign_texts_are_short_and_show_themselves(given_text: str) -> None:
    found, last = summaries.text(given_text), summaries.ending(given_text)

    assert len(found) <= LONGEST
    assert len(last) <= LAST_WORDS
    for one in (found, last):
        one.encode()
        assert not any(letter in one for letter in "\x00\x1b\n\u202e\u200b\ufeff")


@pytest.mark.parametrize("value", [None, 3, ["x"], {"x": 1}, b"x"])
def test_what_is_no_text_is_none(value: Any) -> None:
    assert (summaries.text(value), summaries.ending(value)) == ("", "")


def test_the_end_of_a_log_is_kept_and_the_beginning_of_a_message() -> None:
    log = "first line\n" + "x" * 4000 + "\nlast line"

    assert summaries.text(log).startswith("first line")
    assert summaries.ending(log).endswith("last line")


REFUSAL = (
    '{"level":"info","msg":"starting"}\n'
    '{"level":"error","error":"plugin \\"x\\" is not registered","stacktrace":"a\\n\\tb"}\n'
)


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (REFUSAL, 'plugin "x" is not registered'),
        (REFUSAL[30:], 'plugin "x" is not registered'),
        ("Traceback ...\nValueError: no memory", "Traceback ... ValueError: no memory"),
        ('{"error":"old"}\nSegmentation fault', '{"error":"old"} Segmentation fault'),
        ('{"error":"\\q"}', '{"error":"\\q"}'),
        ("", ""),
        (None, ""),
    ],
)
def test_the_last_words_are_the_error_of_a_structured_log_or_its_end(
    log: Any, expected: str
) -> None:
    assert summaries.last_words(log) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, 3), (0, 0), (-1, 0), (True, 0), (1.5, 0), ("3", 0), (None, 0), (10**40, LARGEST)],
)
def test_numbers_are_counts_that_fit(value: Any, expected: int) -> None:
    assert summaries.number(value) == expected


def test_lists_are_bounded() -> None:
    many = [{"name": f"c{number}", "type": f"T{number}"} for number in range(1000)]
    status = {"conditions": many, "containerStatuses": many, "parents": many, "listeners": many}
    spec = {"listeners": many, "taints": many, "schedulingGates": many}
    status["allocatable"] = {f"r{number}": "1" for number in range(1000)}

    for kind in KINDS:
        summary = summary_of({"kind": kind, "spec": spec, "status": status})

        assert len(json.dumps(summary)) < 20_000, kind


def test_a_pod_tells_of_its_containers_and_of_nothing_that_is_secret() -> None:
    secret = {"name": "HF_TOKEN", "value": "hf_abcdef"}
    ended = {"reason": "OOMKilled", "exitCode": 137, "message": "no memory left"}
    found = summary_of(
        {
            "kind": "Pod",
            "metadata": {
                "creationTimestamp": "2026-06-01T11:00:00Z",
                "deletionTimestamp": "2026-06-01T12:00:00Z",
            },
            "spec": {
                "nodeName": "node-1",
                "containers": [{"name": "modelserver", "env": [secret]}],
                "schedulingGates": [{"name": "kueue.x-k8s.io/admission"}],
            },
            "status": {
                "phase": "Running",
                "podIP": "10.244.1.7",
                "conditions": [
                    {
                        "type": "PodScheduled",
                        "status": "True",
                        "lastTransitionTime": "2026-06-01T11:00:04Z",
                    },
                    {"type": "Initialized", "status": "True"},
                ],
                "initContainerStatuses": [{"name": "routing-proxy", "ready": True}],
                "containerStatuses": [
                    {
                        "name": "modelserver",
                        "restartCount": 3,
                        "started": False,
                        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
                        "lastState": {"terminated": ended},
                    }
                ],
            },
        }
    )

    assert (found["node"], found["ip"], found["is_ending"]) == ("node-1", "10.244.1.7", True)
    assert found["gates"] == ["kueue.x-k8s.io/admission"]
    assert set(found["conditions"]) == {"PodScheduled"}
    assert found["conditions"]["PodScheduled"]["since"] == "2026-06-01T11:00:04Z"
    assert found["made"] == "2026-06-01T11:00:00Z"
    assert [one["name"] for one in found["containers"]] == ["routing-proxy", "modelserver"]
    assert found["containers"][1] == {
        "name": "modelserver",
        "ready": False,
        "started": False,
        "restarts": 3,
        "running_since": "",
        "waiting": "CrashLoopBackOff",
        "message": "back-off",
        "ended": "OOMKilled",
        "exit_code": 137,
        "last_words": "no memory left",
    }
    assert "hf_abcdef" not in json.dumps(found)


def test_a_pod_names_the_config_maps_that_it_cannot_do_without() -> None:
    volumes = [
        {"name": "plugins", "configMap": {"name": "qwen-epp-0a1b"}},
        {"name": "again", "configMap": {"name": "qwen-epp-0a1b"}},
        {"name": "extra", "configMap": {"name": "tuning", "optional": True}},
        {"name": "models", "emptyDir": {}},
    ]

    found = summary_of({"kind": "Pod", "spec": {"volumes": volumes}, "status": {}})

    assert found["config_maps"] == ["qwen-epp-0a1b"]


def test_a_deployment_without_replicas_in_its_spec_wants_one() -> None:
    annotations = {"deployment.kubernetes.io/revision": "4"}
    status = {"replicas": 2, "readyReplicas": 1, "updatedReplicas": 2}

    found = summary_of(
        {"kind": "Deployment", "metadata": {"annotations": annotations}, "status": status}
    )

    assert (found["wanted"], found["readyReplicas"], found["revision"]) == (1, 1, "4")


def test_a_gateway_tells_of_each_listener_of_its_spec() -> None:
    programmed = {"type": "Programmed", "status": "True", "observedGeneration": 2}
    spec = {
        "listeners": [
            {"name": "http", "port": 80, "protocol": "HTTP", "hostname": "*.example.com"},
            {"name": "tls", "port": 443, "protocol": "HTTPS"},
        ]
    }
    status = {
        "addresses": [{"type": "IPAddress", "value": "192.0.2.1"}, {"value": ""}],
        "listeners": [{"name": "http", "conditions": [programmed]}],
    }

    found = summary_of({"kind": "Gateway", "spec": spec, "status": status})

    assert found["addresses"] == ["192.0.2.1"]
    assert [(one["name"], one["port"]) for one in found["listeners"]] == [
        ("http", 80),
        ("tls", 443),
    ]
    assert found["listeners"][0]["conditions"]["Programmed"]["generation"] == 2
    assert found["listeners"][1]["conditions"] == {}


def test_a_route_names_the_pools_that_get_requests() -> None:
    def backend(name: str, **more: Any) -> dict[str, Any]:
        return {"kind": "InferencePool", "name": name, **more}

    rules = [
        {"backendRefs": [backend("blue", weight=3), backend("green", weight=0)]},
        {"backendRefs": [backend("blue"), {"kind": "Service", "name": "web"}]},
    ]
    parent = {"parentRef": {"name": "llm", "namespace": "gw", "sectionName": "http"}}

    found = summary_of(
        {"kind": "HTTPRoute", "spec": {"rules": rules}, "status": {"parents": [parent]}}
    )

    assert found["pools"] == ["blue"]
    assert found["parents"] == [
        {"gateway": "llm", "namespace": "gw", "listener": "http", "conditions": {}}
    ]


def _applied(manager: str, **fields: Any) -> dict[str, Any]:
    return {"manager": manager, "operation": "Apply", "fieldsV1": fields}


@pytest.mark.parametrize(
    ("kind", "entries", "taken"),
    [
        ("Role", [_applied("waybill", **{"f:rules": {}})], []),
        ("Role", [_applied("kubectl", **{"f:rules": {}}), _applied("waybill")], ["rules"]),
        ("RoleBinding", [_applied("waybill", **{"f:roleRef": {}, "f:subjects": {}})], []),
        ("RoleBinding", [_applied("waybill", **{"f:roleRef": {}})], ["subjects"]),
        ("RoleBinding", [], ["roleRef", "subjects"]),
    ],
)
def test_rights_that_somebody_else_has_set_are_taken(
    kind: str, entries: list[dict[str, Any]], taken: list[str]
) -> None:
    assert summary_of({"kind": kind, "metadata": {"managedFields": entries}}) == {"taken": taken}


@pytest.mark.parametrize("kind", ["Secret", "ConfigMap", "Service", "ServiceAccount", "", None, 3])
def test_kinds_whose_existence_is_all_that_matters_leave_nothing(kind: Any) -> None:
    assert summary_of({"kind": kind, "data": {"token": "aGY="}}) == {}
