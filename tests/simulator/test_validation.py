"""The simulated store says what a real server said: the same objects, the same recordings."""

import json
from typing import Any

import pytest

from inference.simulator.errors import ApiError
from inference.simulator.store import Store
from tests.contract.actors import Answer
from tests.contract.recordings import Recording
from tests.contract.refusals import BUILT_IN, CHANGES, CUSTOM, DEFAULTED, spoiled
from tests.contract.samples import READ, WRITTEN, Maker, role

PLACE = "case-1"
# Who may bind which role is asked of requests, not of the store.
_ASKED_OF_REQUESTS = {
    "a binding to an unknown kind of subject",
    "a binding to an unknown kind of role",
}
REFUSED = {
    name: case for name, case in (BUILT_IN | CUSTOM).items() if name not in _ASKED_OF_REQUESTS
}


@pytest.fixture
def store() -> Store:
    made = Store()
    made.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": PLACE}})
    return made


@pytest.fixture(scope="module")
def recording() -> Recording:
    return Recording("validation", "simulated")


def apply(store: Store, obj: dict[str, Any], *, dry_run: bool = False) -> Answer:
    try:
        applied = store.apply(obj, manager="waybill", dry_run=dry_run)
    except ApiError as error:
        return Answer(error.code, {}, json.dumps(error.status()).encode())
    return Answer(201 if applied.created else 200, {}, json.dumps(applied.object).encode())


@pytest.mark.parametrize("case", REFUSED)
def test_an_object_is_refused(store: Store, recording: Recording, case: str) -> None:
    answer = apply(store, spoiled(*REFUSED[case], PLACE), dry_run=True)

    recording.check(case, answer, PLACE)


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_is_refused(store: Store, recording: Recording, case: str) -> None:
    make, _ = CHANGES[case]
    apply(store, make(PLACE))

    answer = apply(store, spoiled(*CHANGES[case], PLACE))

    recording.check(case, answer, PLACE)


@pytest.mark.parametrize("make", (WRITTEN | READ).values(), ids=WRITTEN | READ)
def test_a_sample_is_filled_in(store: Store, recording: Recording, make: Maker) -> None:
    apply(store, role(PLACE))

    answer = apply(store, make(PLACE))

    recording.check(f"filled in: {make(PLACE)['kind']}", answer, PLACE)


@pytest.mark.parametrize("case", DEFAULTED)
def test_a_larger_object_is_filled_in(store: Store, recording: Recording, case: str) -> None:
    answer = apply(store, DEFAULTED[case](PLACE), dry_run=True)

    recording.check(f"filled in: {case}", answer, PLACE)
