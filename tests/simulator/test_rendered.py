"""What we render is accepted by the simulated store as by a real server, and twice the same."""

from typing import Any

import pytest

from inference.rendering.objects import RenderedObject
from inference.rendering.worlds import render
from inference.simulator.store import Store
from tests.contract import control_plane
from tests.contract.actors import Actor
from tests.contract.recordings import levelled
from tests.contract.samples import named
from tests.rendering.generator import NAMESPACE, worlds
from tests.rendering.golden_worlds import GOLDENS

COUNT = 12


def rendered() -> list[RenderedObject]:
    found = [
        one
        for world, edited in (*worlds(COUNT), *(golden() for golden in GOLDENS.values()))
        for part in render(world, edited)
        for one in part.objects
    ]
    return sorted(found, key=lambda one: one.phase)


@pytest.fixture
def store() -> Store:
    made = Store()
    made.create(named("v1", "Namespace", "", NAMESPACE))
    return made


def test_applying_again_changes_nothing(store: Store) -> None:
    found = rendered()
    for one in found:
        store.apply(one.manifest, manager="waybill", dry_run=True)

    first = [store.apply(one.manifest, manager="waybill") for one in found]
    again = [store.apply(one.manifest, manager="waybill") for one in found]

    assert {applied.created for applied in first} == {True}
    assert [one.object for one, applied in zip(found, again, strict=True) if applied.changed] == []


@pytest.mark.apiserver
@pytest.mark.shared
def test_a_real_server_makes_the_same_of_it(
    store: Store, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with control_plane.running(tmp_path_factory.mktemp("rendered")) as plane:
        credentials = plane.certificate("administrator", ("system:masters",))
        actor = Actor("administrator", plane.url, plane.ca, credentials)
        actor.create(named("v1", "Namespace", "", NAMESPACE))

        for one in rendered():
            ours = store.apply(one.manifest, manager="waybill").object
            theirs = actor.apply(one.manifest).body

            assert _told(ours) == _told(theirs), one.ref


def _told(obj: dict[str, Any]) -> Any:
    return levelled(obj, NAMESPACE)
