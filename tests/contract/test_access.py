"""What somebody may do, and how a missing right is told."""

from tests.contract.actors import Actor
from tests.contract.conftest import Server, until
from tests.contract.kinds import RBAC
from tests.contract.rights import ME
from tests.contract.samples import config_map, named, role, role_binding


def test_a_right_that_is_missing_is_told(product: Actor) -> None:
    answer = product.apply(config_map("default"))

    assert answer.status == 403
    assert answer.body["reason"] == "Forbidden"
    assert answer.body["details"] == {"name": "settings", "kind": "configmaps"}
    assert answer.message == (
        f'configmaps "settings" is forbidden: User "{ME}" cannot patch resource "configmaps" '
        'in API group "" in the namespace "default"'
    )


def test_a_right_to_a_kind_of_a_group_is_told_with_the_group(product: Actor) -> None:
    answer = product.list("Deployment", "default")

    assert answer.status == 403
    assert answer.body["details"] == {"group": "apps", "kind": "deployments"}
    assert answer.message == (
        f'deployments.apps is forbidden: User "{ME}" cannot list resource "deployments" '
        'in API group "apps" in the namespace "default"'
    )


def test_a_right_over_the_cluster_is_told_as_such(product: Actor) -> None:
    answer = product.list("Secret")

    assert answer.status == 403
    assert answer.message == (
        f'secrets is forbidden: User "{ME}" cannot list resource "secrets" '
        'in API group "" at the cluster scope'
    )


def test_the_product_never_reads_secrets(product: Actor, place: str) -> None:
    answer = product.get(named("v1", "Secret", place, "token"))

    assert answer.status == 403


def test_the_product_may_not_make_namespaces(product: Actor) -> None:
    answer = product.apply(named("v1", "Namespace", "", "new"))

    assert answer.status == 403


def test_an_apply_that_creates_needs_the_right_to_create(
    administrator: Actor, server: Server, place: str
) -> None:
    patches = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["patch", "get", "list"]}
    administrator.apply(role(place, "patcher", patches), manager="administrator")
    subject = {"kind": "User", "apiGroup": RBAC.partition("/")[0], "name": "patcher"}
    administrator.apply(role_binding(place, "patcher", subjects=[subject]), manager="administrator")
    patcher = Actor("patcher", server.url, server.ca, server.certificate("patcher"))
    until(lambda: patcher.list("ConfigMap", place).status == 200)

    answer = patcher.apply(config_map(place))

    assert answer.status == 403
    assert 'cannot create resource "configmaps"' in answer.message


def test_a_right_may_be_for_one_name(administrator: Actor, server: Server, place: str) -> None:
    reads = {
        "apiGroups": [""],
        "resources": ["configmaps"],
        "resourceNames": ["settings"],
        "verbs": ["get"],
    }
    administrator.apply(role(place, "reader", reads), manager="administrator")
    subject = {"kind": "User", "apiGroup": RBAC.partition("/")[0], "name": "reader"}
    administrator.apply(role_binding(place, "reader", subjects=[subject]), manager="administrator")
    reader = Actor("reader", server.url, server.ca, server.certificate("reader"))

    until(lambda: reader.get(config_map(place)).status == 404)

    assert reader.get(config_map(place, "other")).status == 403


def test_a_right_may_be_given_to_a_group(administrator: Actor, server: Server, place: str) -> None:
    administrator.apply(role(place, "viewers"), manager="administrator")
    subject = {"kind": "Group", "apiGroup": RBAC.partition("/")[0], "name": "viewers"}
    administrator.apply(role_binding(place, "viewers", subjects=[subject]), manager="administrator")
    viewer = Actor("viewer", server.url, server.ca, server.certificate("viewer", ("viewers",)))

    until(lambda: viewer.list("Pod", place).status == 200)


def test_a_right_that_is_taken_away_is_gone(
    administrator: Actor, server: Server, place: str
) -> None:
    administrator.apply(role(place, "guests"), manager="administrator")
    subject = {"kind": "User", "apiGroup": RBAC.partition("/")[0], "name": "guest"}
    binding = role_binding(place, "guests", subjects=[subject])
    administrator.apply(binding, manager="administrator")
    guest = Actor("guest", server.url, server.ca, server.certificate("guest"))
    until(lambda: guest.list("Pod", place).status == 200)

    administrator.delete(binding)

    until(lambda: guest.list("Pod", place).status == 403)


def test_one_object_by_its_name_may_be_watched_where_its_name_is_granted(
    administrator: Actor, server: Server, place: str
) -> None:
    rule = {
        "apiGroups": [""],
        "resources": ["configmaps"],
        "resourceNames": ["settings"],
        "verbs": ["list", "watch"],
    }
    administrator.apply(role(place, "watcher", rule), manager="administrator")
    subject = {"kind": "User", "apiGroup": RBAC.partition("/")[0], "name": "watcher"}
    administrator.apply(role_binding(place, "watcher", subjects=[subject]), manager="administrator")
    watcher = Actor("watcher", server.url, server.ca, server.certificate("watcher"))
    named = {"fieldSelector": "metadata.name=settings"}

    until(lambda: watcher.list("ConfigMap", place, **named).status == 200)

    assert watcher.list("ConfigMap", place).status == 403
