"""Each fault met while planning: a red check that says so, no approval, and a new plan after it."""

from typing import Any

import pytest
from django.utils import timezone

from inference.accounts.models import User
from inference.changes import actions as changes
from inference.changes import tasks as planning
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster, Grant
from inference.definitions.models import HardwarePool, ServedModel
from inference.delivery.models import DesiredObject, Push
from tests.delivery import fault_cases as cases
from tests.delivery import scenarios
from tests.delivery.fault_cases import Fault, Lift, Scene
from tests.delivery.peer import Peer

GONE = "llm-never-made"

pytestmark = pytest.mark.usefixtures("threaded")


def missing_namespace(scene: Scene) -> Lift:
    Grant.objects.update(namespace=GONE)
    return lambda: Grant.objects.update(namespace=cases.NAMESPACE)


FAULTS: list[tuple[Fault, str, str]] = [
    (cases.unreachable, "plan-not-asked", "does not answer at its address"),
    (cases.another_ca, "plan-not-asked", "not signed by the CA on record"),
    (cases.another_cluster, "plan-not-asked", "Another cluster answers"),
    (cases.expired_credential, "plan-not-asked", "does not accept the credential any more"),
    (cases.forbidden, "plan-rejected", "may not"),
    (missing_namespace, "plan-namespace-missing", f"kubectl create namespace {GONE}"),
]
"""A fault, the check that turns red, and what its sentence says."""


@pytest.fixture
def scene(
    threaded: None, peer: Peer, east: Cluster, author: User, approver: User, platform: User
) -> Scene:
    change = scenarios.planned_way(author, east, peer).change
    return Scene(peer, east, author, approver, platform, change)


def planned(scene: Scene) -> dict[str, Any]:
    """The plan that REST shows after somebody has asked for one."""
    change, now = ChangeRequest.objects.get(pk=scene.change.pk), timezone.now()
    changes.submit(change=change, version=change.version, by=scene.author, at=now)
    planning.plan(str(change.pk))
    response = scene.rest(scene.author).get(f"change-requests/{change.pk}/plan/")
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def approved(scene: Scene, plan_hash: str) -> tuple[int, str]:
    path = f"change-requests/{scene.change.pk}/approve/"
    body = {"plan_hash": plan_hash, "comment": "seen"}
    response = scene.rest(scene.approver).post(path, body)
    shown = response.json()
    return response.status_code, shown.get("code") or shown["state"]


@pytest.mark.parametrize(
    ("fault", "code", "words"), FAULTS, ids=lambda one: getattr(one, "__name__", "")
)
def test_a_fault_while_planning_is_a_red_check_and_is_planned_anew(
    scene: Scene, fault: Fault, code: str, words: str
) -> None:
    with scene.kept:
        lift = fault(scene)
        broken = planned(scene)
        refused = approved(scene, broken["hash"])
        lift()
        mended = planned(scene)
        accepted = approved(scene, mended["hash"])

    red = [one for one in broken["checks"] if one["state"] == "red"]
    assert {one["code"] for one in red} == {code}
    assert words in red[0]["detail"]
    assert refused == (409, "plan-has-red-checks")
    assert accepted == (200, "approved")
    assert approved(scene, broken["hash"])[0] == 409
    for table in (Push, DesiredObject, HardwarePool, ServedModel):
        assert not table.objects.exists()
