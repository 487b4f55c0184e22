"""What differs between two renderings: counted object by object, by definitions alone."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from inference.planning.foresight import foresee
from inference.rendering.objects import Phase, RenderedObject, rendered
from inference.rendering.worlds import Part

PLACEMENT = UUID(int=7)
KINDS = ("ConfigMap", "Deployment", "Service")
Made = dict[tuple[str, str], int]
"""A value by kind and name: what is different has another one."""


def made(kind: str, name: str, value: int, image: str = "vllm") -> RenderedObject:
    manifest = {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "llm-chat"},
        "spec": {"replicas": value, "template": {"image": image}},
    }
    return rendered(Phase.COMPUTE, manifest)


def part(*objects: RenderedObject, cluster: str = "east", placement: UUID = PLACEMENT) -> Part:
    return Part(cluster, "chat", "served-model", UUID(int=1), placement, objects)


def parts(of: Made) -> list[Part]:
    return [part(*(made(kind, name, value) for (kind, name), value in of.items()))]


OBJECTS = st.dictionaries(
    st.tuples(st.sampled_from(KINDS), st.sampled_from("abcd")), st.integers(0, 1)
)


@given(was=OBJECTS, now=OBJECTS)
def test_every_object_is_counted_once(was: Made, now: Made) -> None:
    (seen,) = foresee(parts(was), parts(now))

    named = [str(ref) for ref in (*seen.created, *seen.changed, *seen.deleted)]
    assert len(named) == len(set(named))
    assert len(seen.created) + len(seen.changed) + seen.same == len(now)
    assert seen.same == sum(was.get(key) == value for key, value in now.items())
    gone = [key for key in was.keys() - now.keys() if key[0] != "ConfigMap"]
    assert len(seen.deleted) == len(gone)
    assert set(seen.restarts) <= set(seen.changed)


def test_pods_start_anew_only_where_their_template_differs() -> None:
    more = foresee([part(made("Deployment", "a", 2))], [part(made("Deployment", "a", 3))])
    other = foresee([part(made("Deployment", "a", 2))], [part(made("Deployment", "a", 2, "new"))])

    assert (len(more[0].changed), more[0].restarts) == (1, [])
    assert [str(one) for one in other[0].restarts] == ["Deployment llm-chat/a"]


def test_a_replaced_configuration_stays_as_long_as_its_placement() -> None:
    old = part(made("ConfigMap", "picker-1", 0), made("Service", "picker", 0))
    new = part(made("ConfigMap", "picker-2", 0), made("Service", "picker", 0))

    (replaced,), (gone,) = foresee([old], [new]), foresee([old], [])

    assert [str(one) for one in replaced.created] == ["ConfigMap llm-chat/picker-2"]
    assert replaced.deleted == []
    assert len(gone.deleted) == 2


def test_what_moves_goes_here_and_comes_there() -> None:
    here, there = foresee(
        [part(made("Deployment", "a", 2))], [part(made("Deployment", "a", 2), cluster="west")]
    )

    assert (here.cluster, len(here.deleted), here.touched) == ("east", 1, 1)
    assert (there.cluster, len(there.created), there.touched) == ("west", 1, 1)
