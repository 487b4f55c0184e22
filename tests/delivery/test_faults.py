"""Each fault of a push: told by type and sentence, nothing lost or half written, and overcome.

What rows, REST and the cluster say before, with the fault and after it stands in one file for
each fault, the same for the real server and the simulated one. `WAYBILL_RECORD=1` writes them anew.
"""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from inference.delivery import tasks
from tests.delivery import fault_cases as cases
from tests.delivery.days import later, work
from tests.delivery.fault_cases import Fault, Scene, scene
from tests.delivery.peer import Peer
from tests.delivery.snapshot import dump

FOLDER = Path(__file__).parent / "snapshots"
State = ChangeRequest.State

pytestmark = pytest.mark.usefixtures("threaded")

WAITED_FOR = {cases.silent, cases.never_answered}
"""Seconds go by until they are told: not in the default suite."""
PASSING: list[Fault] = [
    *(cases.unreachable, cases.silent, cases.another_ca, cases.another_cluster),
    *(cases.expired_credential, cases.held),
]
"""Faults of the cluster: nothing is refused, and nobody has to ask again when they are over."""
MET: list[Fault] = [
    *(cases.server_error, cases.throttled, cases.redirected, cases.page_of_html, cases.deep),
    *(cases.never_answered, cases.cut_before, cases.cut_after),
]
"""What a request meets on its way; the simulated cluster alone does that on demand."""
OF_OBJECTS: list[Fault] = [
    *(cases.rejected, cases.field_conflict, cases.met_another, cases.forbidden),
    cases.missing_namespace,
]
"""Faults that an object meets: the push ends, and a retry takes up what is left."""


def params(faults: list[Fault]) -> list[Any]:
    slow = dict.fromkeys(WAITED_FOR, (pytest.mark.real,))
    return [pytest.param(one, marks=slow.get(one, ()), id=one.__name__) for one in faults]


@pytest.fixture
def begun(
    threaded: None,
    author: User,
    approver: User,
    platform: User,
    peer: Peer,
    east: Cluster,
    settings: LazySettings,
) -> Iterator[Scene]:
    settings.WRITE_DEADLINE = timedelta(seconds=2)
    made = scene(peer, east, author, approver, platform)
    with made.kept:
        yield made


def meet(begun: Scene, fault: Fault, *, when_started: bool) -> tuple[dict[str, Any], cases.Lift]:
    """Let the fault come over the change; what was before, and how to lift it."""
    if when_started:
        before = dump(begun.change, begun.peer, begun.author)
        start(begun)
        return before, fault(begun)
    lift = fault(begun)
    before = dump(begun.change, begun.peer, begun.author)
    start(begun)
    return before, lift


def start(begun: Scene) -> None:
    tasks.start(str(begun.change.pk))


def retry(begun: Scene) -> None:
    """By REST, as the author."""
    caller, path = begun.rest(begun.author), f"change-requests/{begun.change.pk}/"
    seen = caller.get(path)["ETag"]
    assert caller.post(f"{path}retry/", If_Match=seen).status_code == 202
    work()


def check(name: str, **found: Any) -> None:
    path = FOLDER / f"{name}.json"
    if os.environ.get("WAYBILL_RECORD"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    assert found == json.loads(path.read_text())


@pytest.mark.parametrize("fault", params(PASSING))
def test_a_fault_of_the_cluster_is_told_and_waited_out(begun: Scene, fault: Fault) -> None:
    wait_out(begun, fault)


@pytest.mark.parametrize("server", ["simulated"], indirect=True)
@pytest.mark.parametrize("fault", params(MET))
def test_what_a_request_meets_is_told_and_waited_out(begun: Scene, fault: Fault) -> None:
    wait_out(begun, fault)


def wait_out(begun: Scene, fault: Fault) -> None:
    before, lift = meet(begun, fault, when_started=True)
    later()
    work()
    broken = dump(begun.change, begun.peer, begun.author)

    lift()
    later()
    work()

    after = dump(begun.change, begun.peer, begun.author)
    check(fault.__name__, before=before, broken=broken, after=after)
    assert broken["change"]["state"] == State.APPLYING
    assert after["change"]["state"] == State.SUCCEEDED
    assert "retried" not in after["audit"]


@pytest.mark.parametrize("fault", params(OF_OBJECTS))
def test_a_fault_of_an_object_is_told_and_retried_without_a_new_decision(
    begun: Scene, fault: Fault
) -> None:
    before, lift = meet(begun, fault, when_started=False)
    work()
    broken = dump(begun.change, begun.peer, begun.author)

    lift()
    retry(begun)

    after = dump(begun.change, begun.peer, begun.author)
    check(fault.__name__, before=before, broken=broken, after=after)
    assert after["change"]["state"] == State.SUCCEEDED
    assert after["change"]["decisions"] == before["change"]["decisions"] == 1


def test_an_object_that_was_made_anew_needs_a_new_plan(begun: Scene) -> None:
    """No retry brings it back: the plan was about another object."""
    before, _ = meet(begun, cases.moved_plan, when_started=False)
    work()
    broken = dump(begun.change, begun.peer, begun.author)

    retry(begun)

    after = dump(begun.change, begun.peer, begun.author)
    check("moved_plan", before=before, broken=broken, after=after)
    assert after["change"]["state"] == State.PARTIAL
    assert after["told"] == broken["told"]
    assert after["cluster"] == broken["cluster"]
    assert after["inventory"] == broken["inventory"]


def test_each_fault_has_a_type_and_a_sentence_of_its_own() -> None:
    faults = [*PASSING, *MET, *OF_OBJECTS, cases.moved_plan]
    files = [json.loads((FOLDER / f"{one.__name__}.json").read_text()) for one in faults]
    told = [first_of(one["broken"]["told"]) for one in files]
    types = {one.partition(":")[0] for one in told}

    assert len(types) == len(set(told)) == len(faults) - len(ALIKE)


ALIKE = {"deep", "cut_before", "cut_after"}
"""Told as another fault is: a page of HTML, or a cluster that is not there."""


def first_of(told: dict[str, str]) -> str:
    """Of the first object that was refused, else of the push."""
    own = [one for name, one in told.items() if name not in {"change", "push"}]
    return next((one for one in own if not one.startswith("phase-blocked")), told["push"])
