"""A field that somebody else has set: named by the plan, and taken back, kept, or left to them."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.utils import timezone

from inference.accounts.models import User
from inference.changes import actions as changes
from inference.changes import tasks as planning
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest, PlanCheck, PlanStep
from inference.clusters.models import Cluster
from inference.delivery import tasks
from inference.delivery.models import Push, PushOutcome
from inference.field_sets import field_set_of, held_values
from inference.manifests import Manifest
from inference.messages import sentence
from inference.observation.writing import live_object
from inference.planning.takes import Take
from tests.delivery import scenarios
from tests.delivery.peer import Peer
from tests.factories.delivery import NAMESPACE

pytestmark = pytest.mark.usefixtures("threaded")
Hand = Callable[[int], None]


@pytest.fixture
def served(
    threaded: None, peer: Peer, east: Cluster, author: User, approver: User
) -> ChangeRequest:
    """A model of one replica, pushed as far as a cluster goes that starts no engines."""
    scenarios.known(east, peer)
    change = scenarios.asked(author, east, replicas=1)
    change = scenarios.decided(change, author, approver)
    tasks.start(str(change.pk))
    tasks.converge(str(east.pk))
    ended = {"finished_at": timezone.now()}
    Push.objects.filter(change=change).update(state=Push.State.SUCCEEDED, **ended)
    return change


def live(peer: Peer) -> Manifest:
    there = peer.named("deployments")
    (found,) = [one for name, one in there.items() if not name.endswith("-epp")]
    return {"apiVersion": "apps/v1", "kind": "Deployment", **found}


def scale(peer: Peer, replicas: int, manager: str = "kubectl") -> None:
    """As `kubectl scale` does."""
    patch = {"spec": {"replicas": replicas}}
    media = "application/merge-patch+json"
    found = live(peer)
    answer = peer.root.patch(found, patch, media, subresource="scale", fieldManager=manager)
    assert answer.status == 200, answer.content


def owners(peer: Peer) -> set[str]:
    """Who holds the replicas."""
    found = live(peer)
    others = {who for who, path, _ in held_values(found) if path == ".spec.replicas"}
    ours = "f:replicas" in field_set_of(found).get("f:spec", {})
    return others | ({"waybill"} if ours else set())


def take(peer: Peer, cluster: Cluster, manager: str = "kubectl") -> Take:
    name = live(peer)["metadata"]["name"]
    return Take(cluster.name, "Deployment", NAMESPACE, name, "spec.replicas", manager)


def proposed(
    served: ChangeRequest, author: User, replicas: int, takes: Sequence[Take] = ()
) -> ChangeRequest:
    """Planned: the model with so many replicas."""
    assert served.revision is not None
    edit = served.revision.edits.get(definition_kind="served-model")
    document: dict[str, Any] = edit.document["spec"]
    document["placements"][0]["replicas"] = replicas
    update = Proposal("update", "served-model", edit.name, document=document, takes=takes)
    change = changes.draft(
        team=served.team, title="", reason="drift", edits=[update], by=author, at=timezone.now()
    )
    return scenarios.planned(change, author)


def pushed(change: ChangeRequest, approver: User, cluster: Cluster) -> dict[str, str]:
    """Approved and pushed: the outcome of each object."""
    scenarios.accepted(change, approver)
    tasks.start(str(change.pk))
    tasks.converge(str(cluster.pk))
    rows = PushOutcome.objects.filter(push__change=change).select_related("step")
    return {row.step.kind: row.outcome for row in rows}


def said(change: ChangeRequest, state: str) -> list[str]:
    checks = PlanCheck.objects.filter(plan=change.plan, state=state).order_by("ordinal")
    return [sentence(check.code, check.params) for check in checks]


def test_a_field_of_others_stops_a_plan_and_is_named(
    served: ChangeRequest, peer: Peer, author: User
) -> None:
    scale(peer, 2)

    change = proposed(served, author, 1)

    (text,) = said(change, "red")
    assert text.startswith("kubectl holds spec.replicas of Deployment llm-chat/")
    assert "at 2. Take the field back by force in this change" in text


def test_a_field_is_taken_back_by_a_plan_that_says_so(
    served: ChangeRequest, peer: Peer, east: Cluster, author: User, approver: User
) -> None:
    scale(peer, 2)

    change = proposed(served, author, 1, [take(peer, east)])
    place = peer.journal.place()
    outcomes = pushed(change, approver, east)

    (step,) = PlanStep.objects.filter(plan=change.plan)
    assert (step.force, step.takes) == (True, [{"path": "spec.replicas", "manager": "kubectl"}])
    assert step.diff == [{"path": "spec.replicas", "was": 2, "now": 1}]
    (text,) = [one for one in said(change, "amber") if "force" in one]
    assert text.endswith("is taken back from kubectl by force: from 2 to 1.")
    assert outcomes == {"Deployment": "updated"}
    assert live(peer)["spec"]["replicas"] == 1
    assert owners(peer) == {"waybill"}
    writes = [one for one in peer.asked_since(place) if one.verb == "patch"]
    assert len(writes) == 2  # without force first: the cluster names who holds what


def test_what_somebody_further_holds_by_then_is_left_to_them(
    served: ChangeRequest, peer: Peer, east: Cluster, author: User, approver: User
) -> None:
    scale(peer, 2)
    change = proposed(served, author, 1, [take(peer, east)])
    scale(peer, 5, manager="keda")

    outcomes = pushed(change, approver, east)

    assert outcomes == {"Deployment": "contended"}
    assert live(peer)["spec"]["replicas"] == 5
    assert owners(peer) == {"keda"}


def test_the_wrong_name_takes_nothing(
    served: ChangeRequest, peer: Peer, east: Cluster, author: User
) -> None:
    scale(peer, 2)

    change = proposed(served, author, 1, [take(peer, east, "somebody")])

    assert len(said(change, "red")) == 1
    assert not PlanStep.objects.filter(plan=change.plan, force=True).exists()


def test_a_value_that_is_kept_is_owned_again(
    served: ChangeRequest, peer: Peer, east: Cluster, author: User, approver: User
) -> None:
    scale(peer, 2)

    change = proposed(served, author, 2)
    outcomes = pushed(change, approver, east)

    assert said(change, "red") == []
    assert any(one.startswith("Waybill owns spec.replicas") for one in said(change, "green"))
    (step,) = PlanStep.objects.filter(plan=change.plan)
    assert (step.force, step.takes, step.diff) == (False, [], [])
    assert outcomes == {"Deployment": "updated"}
    assert owners(peer) == {"kubectl", "waybill"}


def test_what_was_set_back_meanwhile_needs_no_force(
    served: ChangeRequest, peer: Peer, east: Cluster, author: User
) -> None:
    scale(peer, 2)
    taken = take(peer, east)
    scale(peer, 1)

    change = proposed(served, author, 1, [taken])

    assert any("needs no force" in one for one in said(change, "green"))
    (step,) = PlanStep.objects.filter(plan=change.plan)
    assert (step.force, step.takes) == (False, [])


def test_what_the_server_let_go_is_owned_again(
    served: ChangeRequest, peer: Peer, east: Cluster, author: User, approver: User
) -> None:
    """A real server names no owner of the replicas of what was scaled to none."""
    scale(peer, 0)

    outcomes = pushed(proposed(served, author, 0), approver, east)

    assert outcomes == {"Deployment": "updated"}
    assert "waybill" in owners(peer)


@pytest.mark.parametrize("hand", ["sets", "removes", "leaves"])
def test_what_was_seen_of_our_fields_since_the_approval_has_it_planned_anew(
    hand: str,
    served: ChangeRequest,
    peer: Peer,
    east: Cluster,
    author: User,
    approver: User,
) -> None:
    """Whoever removes a field conflicts with nobody: the push would put it back unsaid."""
    change = proposed(served, author, 2)
    scenarios.accepted(change, approver)
    approved = change.plan_id
    if hand == "sets":
        scale(peer, 5)
    elif hand == "removes":
        unlabel(peer)
    live_object(east.pk, live(peer), timezone.now()).save()

    tasks.start(str(change.pk))

    change.refresh_from_db()
    if hand == "leaves":
        assert change.state == ChangeRequest.State.APPLYING
        return
    assert (change.state, change.stale) == (ChangeRequest.State.PLANNING, True)
    assert change.problem_code == "world-moved"
    planning.plan(str(change.pk))
    change.refresh_from_db()
    assert change.state == ChangeRequest.State.IN_REVIEW
    assert change.plan_id != approved


def unlabel(peer: Peer) -> None:
    """As `kubectl label` does."""
    found = live(peer)
    patch = {"metadata": {"labels": dict.fromkeys(found["metadata"]["labels"])}}
    media = "application/merge-patch+json"
    answer = peer.root.patch(found, patch, media, fieldManager="kubectl-label")
    assert answer.status == 200, answer.content
