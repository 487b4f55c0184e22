"""What is refused for its content, in the server's own words; and what is filled in."""

import pytest

from tests.contract.actors import Actor
from tests.contract.built_in_refusals import BUILT_IN
from tests.contract.conftest import Server, make_place
from tests.contract.custom_refusals import CUSTOM
from tests.contract.edits import spoiled
from tests.contract.filled_in import DEFAULTED
from tests.contract.recordings import Recording
from tests.contract.refused_changes import CHANGES
from tests.contract.samples import READ, WRITTEN, Maker, role


@pytest.fixture(scope="module")
def recording(server: Server) -> Recording:
    return Recording("validation", server.name)


@pytest.fixture(scope="module")
def yard(administrator: Actor, product: Actor) -> str:
    """One namespace for all cases that leave nothing behind."""
    make_place(administrator, product, "case-yard")
    return "case-yard"


@pytest.mark.parametrize("case", BUILT_IN)
def test_a_built_in_kind_refuses(
    product: Actor, yard: str, recording: Recording, case: str
) -> None:
    answer = product.apply(spoiled(*BUILT_IN[case], yard), dryRun="All")

    assert answer.status >= 400
    recording.check(case, answer, yard)


@pytest.mark.parametrize("case", CUSTOM)
def test_a_custom_kind_refuses(
    administrator: Actor, yard: str, recording: Recording, case: str
) -> None:
    answer = administrator.apply(spoiled(*CUSTOM[case], yard), dryRun="All")

    assert answer.status >= 400
    recording.check(case, answer, yard)


@pytest.mark.parametrize("case", CHANGES)
def test_a_kind_refuses_to_change(
    product: Actor, place: str, recording: Recording, case: str
) -> None:
    make, _ = CHANGES[case]
    product.apply(role(place))
    product.apply(role(place, "other"))
    created = product.apply(make(place))

    answer = product.apply(spoiled(*CHANGES[case], place))

    assert created.status == 201
    assert answer.status == 422
    recording.check(case, answer, place)


@pytest.mark.parametrize("make", (WRITTEN | READ).values(), ids=WRITTEN | READ)
def test_a_sample_is_filled_in(
    administrator: Actor, place: str, recording: Recording, make: Maker
) -> None:
    administrator.apply(role(place))
    answer = administrator.apply(make(place))

    assert answer.status in {200, 201}
    recording.check(f"filled in: {make(place)['kind']}", answer, place)


@pytest.mark.parametrize("case", DEFAULTED)
def test_a_larger_object_is_filled_in(
    administrator: Actor, yard: str, recording: Recording, case: str
) -> None:
    answer = administrator.apply(DEFAULTED[case](yard), dryRun="All")

    assert answer.status == 201
    recording.check(f"filled in: {case}", answer, yard)
