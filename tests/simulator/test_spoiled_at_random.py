"""One part of an object spoiled at random: both servers refuse it, or fill it in, alike."""

import copy
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from inference.rendering.worlds import render
from tests.contract import control_plane, simulated
from tests.contract.actors import Actor, Answer
from tests.contract.recordings import levelled
from tests.contract.samples import WRITTEN, named, role
from tests.rendering.generator import NAMESPACE, worlds

pytestmark = [pytest.mark.apiserver, pytest.mark.shared]
Object = dict[str, Any]
COUNT = 250
SPOILT = (
    *("", "a b", "A", "x" * 64, "x" * 254, "a/b", "a.b", "-a", "..", "1", "5s", "100m", "None"),
    *(None, 0, -1, 70000, True, [], ["a", "b"], {}),
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Actor, Actor]]:
    """An administrator of each server: the real one first."""
    with ExitStack() as stack:
        servers = (
            stack.enter_context(control_plane.running(tmp_path_factory.mktemp("real"))),
            stack.enter_context(simulated.running(tmp_path_factory.mktemp("simulated"))),
        )
        actors = [
            Actor("admin", one.url, one.ca, one.certificate("admin", ("system:masters",)))
            for one in servers
        ]
        for actor in actors:
            actor.create(named("v1", "Namespace", "", NAMESPACE))
            actor.apply(role(NAMESPACE))
        yield actors[0], actors[1]


def whole() -> list[Object]:
    """What we render, and a small sample of each kind that we write."""
    rendered = [
        one.manifest
        for world, edited in worlds(6)
        for part in render(world, edited)
        for one in part.objects
    ]
    samples = [make(NAMESPACE) for make in WRITTEN.values()]
    return [obj for obj in (*rendered, *samples) if obj["kind"] != "RoleBinding"]


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in parts:
        yield (*at, key)
        if isinstance(part, dict | list):
            yield from places(part, (*at, key))


def spoiled(obj: Object, chance: random.Random) -> tuple[Object, str]:
    """A copy with one part of its labels or below another top-level field changed or gone."""
    made = copy.deepcopy(obj)
    fixed = {"apiVersion", "kind", "metadata"}
    found = [at for at in places(made) if at[0] not in fixed or at[1:2] == ("labels",)]
    *way, last = chance.choice(found)
    here: Any = made
    for step in way:
        here = here[step]
    if chance.random() < 1 / 4:
        del here[last]
        return made, f"without {way} {last}"
    here[last] = chance.choice(SPOILT)
    return made, f"{here[last]!r} at {way} {last}"


def told(answer: Answer) -> Any:
    """What must be alike: the whole object, or why it is refused; not in which order."""
    if answer.status in {200, 201}:
        return answer.status, levelled(answer.body, NAMESPACE)
    if answer.status == 422:
        return answer.status, sorted(answer.causes)
    # The names of the server's own structures have no meaning to us.
    return answer.status, sorted(answer.message.partition("Go struct")[0].splitlines())


def previewed(actor: Actor, obj: Object) -> Answer:
    return actor.apply(obj, dryRun="All", force="true")


def created(actor: Actor, obj: Object) -> Answer:
    return actor.create(obj, dryRun="All", fieldValidation="Strict")


def check_alike(pair: tuple[Actor, Actor], send: Callable[[Actor, Object], Answer]) -> None:
    chance = random.Random(5)
    originals = whole()
    for _ in range(COUNT):
        obj, what = spoiled(chance.choice(originals), chance)
        real, ours = (told(send(actor, obj)) for actor in pair)
        assert ours == real, (obj["kind"], what)


def test_a_new_object_is_answered_alike(pair: tuple[Actor, Actor]) -> None:
    check_alike(pair, created)


def test_an_apply_is_answered_alike(pair: tuple[Actor, Actor]) -> None:
    check_alike(pair, previewed)


def test_a_change_is_answered_alike(pair: tuple[Actor, Actor]) -> None:
    for obj in whole():
        for actor in pair:
            assert actor.apply(obj).status in {200, 201}

    check_alike(pair, previewed)
