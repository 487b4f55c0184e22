"""Owners and namespaces: what goes with what is deleted, and what stays."""

import pytest

from tests import requirements
from tests.contract.actors import MERGE, Actor, Object
from tests.contract.conftest import Server, make_place, until
from tests.contract.samples import config_map, deployment, held, named


def owned(place: str, owner: Object, name: str = "owned", *, blocks: bool = False) -> Object:
    obj = config_map(place, name)
    obj["metadata"]["ownerReferences"] = [
        {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            "blockOwnerDeletion": blocks,
        }
    ]
    return obj


@pytest.fixture
def collector(server: Server) -> None:
    if not server.has_controllers:
        requirements.absent("cluster", "needs kube-controller-manager beside the API server")


@pytest.mark.usefixtures("collector")
def test_background_deletion_takes_what_is_owned(administrator: Actor, place: str) -> None:
    owner = administrator.create(deployment(place)).body
    administrator.create(owned(place, owner))

    administrator.delete(deployment(place), propagationPolicy="Background")

    until(lambda: administrator.get(config_map(place, "owned")).status == 404)
    assert administrator.get(deployment(place)).status == 404


@pytest.mark.usefixtures("collector")
def test_foreground_deletion_takes_what_is_owned_first(administrator: Actor, place: str) -> None:
    owner = administrator.create(deployment(place)).body
    administrator.create(owned(place, owner, blocks=True))

    answer = administrator.delete(deployment(place), propagationPolicy="Foreground")

    assert answer.body["metadata"]["finalizers"] == ["foregroundDeletion"]
    until(lambda: administrator.get(deployment(place)).status == 404)
    assert administrator.get(config_map(place, "owned")).status == 404


@pytest.mark.usefixtures("collector")
def test_orphans_outlive_their_owner(administrator: Actor, place: str) -> None:
    owner = administrator.create(deployment(place)).body
    administrator.create(owned(place, owner))

    administrator.delete(deployment(place), propagationPolicy="Orphan")

    until(lambda: administrator.get(deployment(place)).status == 404)
    left = administrator.get(config_map(place, "owned"))
    assert left.status == 200
    assert "ownerReferences" not in left.body["metadata"]


@pytest.mark.usefixtures("collector")
def test_an_object_of_an_absent_owner_is_collected(administrator: Actor, place: str) -> None:
    absent = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "gone", "uid": "0b9a8a46-6d2f-4b53-9a0c-0e9d2d4f9a11"},
    }

    administrator.create(owned(place, absent))

    until(lambda: administrator.get(config_map(place, "owned")).status == 404)


@pytest.mark.usefixtures("collector")
def test_a_namespace_goes_with_its_objects(administrator: Actor, product: Actor) -> None:
    namespace = named("v1", "Namespace", "", "case-that-goes")
    make_place(administrator, product, "case-that-goes")
    administrator.create(config_map("case-that-goes"))

    answer = administrator.delete(namespace)

    assert answer.status == 200
    assert answer.body["status"]["phase"] == "Terminating"
    until(lambda: administrator.get(namespace).status == 404)


def test_a_namespace_that_is_going_takes_nothing_new(administrator: Actor, product: Actor) -> None:
    namespace = named("v1", "Namespace", "", "case-that-stays")
    make_place(administrator, product, "case-that-stays")
    administrator.create(held("case-that-stays"))
    administrator.delete(namespace)

    answer = administrator.apply(config_map("case-that-stays"))

    assert answer.status == 403
    assert answer.body["reason"] == "Forbidden"
    assert answer.message == (
        'configmaps "settings" is forbidden: unable to create new content in namespace '
        "case-that-stays because it is being terminated"
    )
    assert answer.causes == [("metadata.namespace", "NamespaceTerminating")]
    administrator.patch(held("case-that-stays"), {"metadata": {"finalizers": None}}, MERGE)


def test_a_namespace_that_is_missing_is_named(administrator: Actor) -> None:
    answer = administrator.apply(config_map("no-such-place"))

    assert answer.status == 404
    assert answer.message == 'namespaces "no-such-place" not found'
    assert answer.body["details"] == {"name": "no-such-place", "kind": "namespaces"}
