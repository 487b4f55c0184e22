"""One world, one hash: what makes a plan another plan, what does not, and what its checks say."""

import copy
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from inference.errors import Refusal
from inference.manifests import Manifest, ObjectRef, canonical, digest_text
from inference.messages import planning as messages
from inference.planning.checks import prune_cap
from inference.planning.diffing import changes
from inference.planning.plans import draft
from inference.planning.redaction import HIDDEN, redacted
from inference.planning.takes import Hold
from inference.planning.values import Draft, Leftover, Origin, Seen, Target

ORIGIN = Origin("east", "chat", "served-model", UUID(int=1), UUID(int=2))
TARGET = Target("east", "identity", "prod")
FIELDS = {"f:spec": {"f:replicas": {}}, "f:metadata": {"f:labels": {"f:app": {}}}}
VERDICTS = {"diff", "accepted", "fits", "update-path", "blast-radius", "cost", "freshness"}


def deployment(replicas: int = 2, **metadata: Any) -> Manifest:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "qwen", "namespace": "llm", "labels": {"app": "qwen"}, **metadata},
        "spec": {"replicas": replicas},
    }


def live(replicas: int = 2, **metadata: Any) -> Manifest:
    owned = {"manager": "waybill", "operation": "Apply", "fieldsV1": FIELDS, "time": "t"}
    known = {"uid": "u1", "resourceVersion": "7", "managedFields": [owned]}
    return deployment(replicas, **{**known, **metadata})


def seen(replicas: int = 3, **fields: Any) -> Seen:
    body = canonical(deployment(replicas))
    given: dict[str, Any] = {
        "live": live(),
        "preview": live(replicas),
        "known_uid": "u1",
        **fields,
    }
    ref = ObjectRef.of(deployment())
    return Seen(ORIGIN, ref, 1, body, digest_text(body), **given)


def plan(*objects: Seen, leftovers: tuple[Leftover, ...] = (), **given: Any) -> Draft:
    asked: dict[str, Any] = {"targets": [TARGET], "policy_version": 1, **given}
    return draft(seen=objects, leftovers=leftovers, **asked)


def leftover(name: str = "old", **fields: Any) -> Leftover:
    known: dict[str, Any] = {"uid": "u9", "live": {"metadata": {"uid": "u9"}}, **fields}
    return Leftover(ORIGIN, ObjectRef("v1", "Service", "llm", name), 2, **known)


@pytest.mark.parametrize(
    "churn",
    [
        {"resourceVersion": "8"},
        {"generation": 9},
        {"annotations": {"somebody": "else"}},
        {"creationTimestamp": "2026-01-01T00:00:00Z"},
    ],
)
def test_churn_of_others_leaves_the_hash(churn: dict[str, Any]) -> None:
    before = plan(seen())

    after = plan(seen(live=live(**churn), preview=live(3, **churn)))

    assert after.hash == before.hash


def test_status_leaves_the_hash() -> None:
    busy = {**live(), "status": {"readyReplicas": 1}}

    assert plan(seen(live=busy)).hash == plan(seen()).hash


def test_the_order_in_which_objects_were_seen_leaves_the_hash() -> None:
    other = replace(seen(), ref=ObjectRef("v1", "Service", "llm", "b"))

    assert plan(seen(), other).hash == plan(other, seen()).hash


@pytest.mark.parametrize(
    "moved",
    [
        seen(4),
        seen(live=live(1)),
        seen(live=live(uid="u2"), known_uid="u2"),
        seen(taken=(Hold("spec.replicas", "kubectl", "2", "3"),)),
        seen(live=live(labels={"app": "other"})),
        replace(seen(), phase=2),
        replace(seen(), origin=replace(ORIGIN, definition_id=UUID(int=9))),
    ],
    ids=["bytes", "a field of ours", "uid", "force", "a label of ours", "phase", "definition"],
)
def test_what_a_decision_is_about_moves_the_hash(moved: Seen) -> None:
    assert plan(moved).hash != plan(seen()).hash


def test_targets_policy_and_deletions_move_the_hash() -> None:
    base = plan(seen()).hash

    assert plan(seen(), policy_version=2).hash != base
    assert plan(seen(), targets=[replace(TARGET, identity="other")]).hash != base
    assert plan(seen(), leftovers=(leftover(),)).hash != base


def test_a_red_check_is_another_plan() -> None:
    held = replace(TARGET, held=True)

    assert plan(seen(), targets=[held]).hash != plan(seen()).hash
    assert not plan(seen(), targets=[held]).is_approvable


def test_an_object_that_stays_as_it_is_needs_no_step() -> None:
    assert plan(seen(2)).steps == ()


def test_seven_verdicts_always_stand() -> None:
    for one in (plan(), plan(seen()), plan(seen(), leftovers=(leftover(),))):
        assert {check.verdict for check in one.checks} == VERDICTS


def test_what_is_not_built_is_grey_and_says_so() -> None:
    grey = {check.verdict for check in plan(seen()).checks if check.state == "grey"}

    assert grey == {"fits", "cost"}


@pytest.mark.parametrize(
    ("one", "verdict", "message"),
    [
        (seen(known_uid=""), "blast-radius", messages.OWNED_BY_OTHERS),
        (
            seen(preview=None, refusal=Refusal(messages.LACKS_KIND, kind="X")),
            "accepted",
            messages.REJECTED,
        ),
    ],
)
def test_what_cannot_be_done_is_red(one: Seen, verdict: str, message: Any) -> None:
    found = plan(one)

    red = [check for check in found.checks if check.state == "red"]
    assert [(check.verdict, check.message) for check in red] == [(verdict, message)]
    assert found.steps == ()


def test_a_cluster_that_was_not_asked_is_red() -> None:
    problem = Refusal(messages.CLUSTER_NEVER_SEEN, cluster="east")

    found = plan(targets=[replace(TARGET, problem=problem)])

    assert not found.is_approvable


def test_only_the_object_that_we_made_is_deleted() -> None:
    anew = leftover("anew", live={"metadata": {"uid": "another"}})
    gone = leftover("gone", live=None)

    found = plan(leftovers=(leftover(), anew, gone))

    assert [(step.verb, step.ref.name, step.uid) for step in found.steps] == [
        ("delete", "old", "u9")
    ]


@pytest.mark.parametrize(("inventory", "cap"), [(0, 20), (100, 20), (101, 20), (500, 100)])
def test_the_prune_cap_is_twenty_objects_or_a_fifth(inventory: int, cap: int) -> None:
    assert prune_cap(inventory) == cap


def test_every_check_that_names_an_object_says_whose_it_is() -> None:
    theirs = replace(ORIGIN, team="search")
    template = {"template": {"metadata": {"labels": {"a": "b"}}}}
    other = replace(seen(), origin=theirs, ref=replace(seen().ref, name="other"))
    restarted = [
        replace(one, preview={**live(3), "spec": {"replicas": 3, **template}})
        for one in (seen(), other)
    ]
    stopped = [
        seen(live=live(uid="u7")),
        seen(preview=None, refusal=Refusal(messages.REJECTED)),
        seen(preview=None, refusal=Refusal(messages.REJECTED), contested=(Hold("a", "kubectl"),)),
        seen(waits_for="Role llm/r"),
        seen(taken=(Hold("a", "kubectl", "1", "2"),)),
    ]

    checks = [
        *plan(*restarted, leftovers=(leftover(live=None),)).checks,
        *plan(*stopped).checks,
    ]

    naming = [one for one in checks if {"object", "workloads", "namespace"} & one.params.keys()]
    assert len(naming) == 8
    assert {one.team for one in checks if one not in naming} == {""}
    restarts = {one.team: one.params["workloads"] for one in naming if "workloads" in one.params}
    assert restarts == {"chat": "llm/qwen", "search": "llm/other"}
    assert all(one.team for one in naming)


def test_more_deletions_than_the_cap_are_red() -> None:
    many = tuple(leftover(f"old-{number}") for number in range(21))

    assert plan(leftovers=many[:20]).is_approvable
    assert not plan(leftovers=many).is_approvable


def test_the_prune_cap_is_of_the_team_that_loses() -> None:
    many = tuple(leftover(f"old-{number}") for number in range(21))
    theirs = tuple(replace(one, origin=replace(ORIGIN, team="search")) for one in many)
    rich = [replace(TARGET, inventory={"chat": 500, "search": 21})]

    assert plan(leftovers=many, targets=rich).is_approvable
    assert not plan(leftovers=theirs, targets=rich).is_approvable
    assert plan(leftovers=(*many, *theirs[:20]), targets=rich).is_approvable


def test_deletions_come_last_and_from_the_route_inwards() -> None:
    route = replace(leftover("route"), phase=4)
    compute = replace(leftover("compute"), phase=1)

    found = plan(seen(), leftovers=(compute, route))

    assert [step.ref.name for step in found.steps] == ["qwen", "route", "compute"]


def test_a_diff_names_paths_by_the_names_of_list_items() -> None:
    was = {"metadata": {"name": "a"}, "spec": {"env": [{"name": "A", "value": "1"}]}}
    now = copy.deepcopy(was)
    now["spec"]["env"][0]["value"] = "2"  # type: ignore[index]  # a mapping, as written above

    assert changes(was, now) == [{"path": "spec.env[A].value", "was": "1", "now": "2"}]


@pytest.mark.parametrize(
    "secret",
    [
        {"env": [{"name": "API_KEY", "value": "canary"}]},
        {"args": ["--api-key=canary"]},
        {"token": "canary"},
        {"nested": {"dbPassword": "canary"}},
        {"data": {"api_key": "canary", "private-key": "canary", "secretKey": "canary"}},
        {"args": ["--api-key", "canary", "--port=8000"]},
    ],
)
def test_no_literal_under_a_secret_name_is_shown(secret: dict[str, Any]) -> None:
    manifest = {"metadata": {"name": "a"}, "spec": secret}

    assert "canary" not in str(redacted(manifest))
    assert "canary" not in str(changes(None, manifest))


def test_values_of_secrets_are_hidden_and_references_stay() -> None:
    secret = {"kind": "Secret", "metadata": {"name": "a"}, "data": {"x": "canary"}}
    reference = {"spec": {"secretKeyRef": {"name": "hf", "key": "HF_TOKEN"}}}

    assert redacted(secret)["data"] == {"x": HIDDEN}
    assert redacted(reference) == reference


def test_how_many_tokens_is_no_secret() -> None:
    manifest = {"spec": {"args": ["--max-num-batched-tokens=8192", "--token-limit", "5"]}}

    assert redacted(manifest) == manifest
