"""What can go wrong with a push, how it is brought about, and how it is put right."""

import socket
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.clusters.client.connection import Connection
from inference.clusters.connecting import forget
from inference.clusters.credentials import seal
from inference.clusters.models import Cluster, ClusterCredential
from inference.delivery.models import DesiredObject
from inference.simulator.faults import (
    BUSY,
    Answers,
    CutsAfter,
    CutsBefore,
    Effect,
    Hangs,
    When,
    deep_json,
    rejection,
)
from tests.api.callers import Caller
from tests.api.house import token_for
from tests.clusters.client.authority import Authority
from tests.contract import rights
from tests.contract.samples import named
from tests.contract.simulated import Simulated
from tests.delivery.attendance import until
from tests.delivery.peer import ACCOUNT, Peer
from tests.delivery.scenarios import pushed
from tests.factories.clusters import GrantFactory
from tests.factories.delivery import NAMESPACE, Put, approved, config_map
from tests.servers import free_port

POLICY = "admissionregistration.k8s.io/v1"
DENIED = (
    "configmaps \"second\" is forbidden: ValidatingAdmissionPolicy 'answers' with binding"
    " 'answers' denied request: no answer but 42"
)
"""The words of a real server."""


@dataclass
class Scene:
    """An approved change: `first` is created, then `second` is updated, then `third` created."""

    peer: Peer
    cluster: Cluster
    author: User
    approver: User
    platform: User
    change: ChangeRequest
    kept: ExitStack = field(default_factory=ExitStack)
    """What is put right in any case."""

    def rest(self, user: User) -> Caller:
        return Caller(token_for(user))


Lift = Callable[[], object]
Fault = Callable[[Scene], Lift]


def scene(peer: Peer, cluster: Cluster, author: User, approver: User, platform: User) -> Scene:
    definition = uuid.uuid4()
    before = approved(author, approver, [Put(config_map("second"))], cluster=cluster)
    assert pushed(before, cluster).state == ChangeRequest.State.SUCCEEDED
    uid = DesiredObject.objects.get(name="second").live_uid
    steps = [
        Put(config_map("first"), phase=1, definition_id=definition),
        Put(config_map("second", answer="43"), phase=2, definition_id=definition, uid=uid),
        Put(config_map("third"), phase=3, definition_id=definition),
    ]
    change = approved(author, approver, steps, cluster=cluster)
    return Scene(peer, cluster, author, approver, platform, change)


def _moved(scene: Scene, **fields: Any) -> Lift:
    """Something of our row about the cluster is not what it was."""
    row = Cluster.objects.filter(pk=scene.cluster.pk)
    before = row.values(*fields).get()
    row.update(**fields)
    return lambda: row.update(**before)


def unreachable(scene: Scene) -> Lift:
    """Nobody listens where the cluster was."""
    return _moved(scene, server=f"https://127.0.0.1:{free_port()}")


def silent(scene: Scene) -> Lift:
    """Whoever listens there takes the connection, and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    scene.kept.callback(listener.close)
    back = _moved(scene, server=f"https://127.0.0.1:{listener.getsockname()[1]}")

    def lift() -> None:
        listener.close()
        back()

    return lift


def another_ca(scene: Scene) -> Lift:
    """Its certificate was signed by somebody else than we were told."""
    return _moved(scene, ca_pem=Authority().pem)


def another_cluster(scene: Scene) -> Lift:
    """At its address answers one that is not the one that was connected."""
    forget(scene.cluster.pk)  # whoever comes new to a cluster asks who it is
    return _moved(scene, identity="the-uid-of-another-cluster")


def expired_credential(scene: Scene) -> Lift:
    """The cluster does not take the token any more; platform sends a new one by REST."""
    bad = Connection(
        scene.peer.connection.server, scene.peer.connection.ca_pem, token="ended-yesterday"
    )
    row = seal(scene.cluster, bad, version=2, at=timezone.now())
    ClusterCredential.objects.filter(cluster=scene.cluster).delete()
    row.save()

    def lift() -> None:
        connection = scene.peer.connection
        answer = scene.rest(scene.platform).post(
            f"clusters/{scene.cluster.name}/replace-credential/",
            {
                "connection": {
                    "server": connection.server,
                    "ca_pem": connection.ca_pem,
                    "token": connection.token,
                }
            },
            If_Match='"1"',
        )
        assert answer.status_code == 200, answer.content

    return lift


def held(scene: Scene) -> Lift:
    """Platform holds the cluster when the push has begun."""
    return _moved(scene, state=Cluster.State.HELD)


def rejected(scene: Scene) -> Lift:
    """A rule of the cluster refuses `second`."""
    if isinstance(scene.peer.plane, Simulated):
        return _met(scene, rejection(422, "Invalid", DENIED))
    deny = "object.metadata.name != 'second' || object.data.answer == '42'"
    match = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["configmaps"],
    }
    policy = {
        "matchConstraints": {"resourceRules": [match]},
        "validations": [{"expression": deny, "message": "no answer but 42"}],
    }
    binding = {"policyName": "answers", "validationActions": ["Deny"]}
    policies = f"/apis/{POLICY}/validatingadmissionpolicies"
    bindings = f"/apis/{POLICY}/validatingadmissionpolicybindings"
    made = {
        policies: named(POLICY, "ValidatingAdmissionPolicy", "", "answers", spec=policy),
        bindings: named(POLICY, "ValidatingAdmissionPolicyBinding", "", "answers", spec=binding),
    }
    root = scene.peer.root
    for path, one in made.items():
        assert root.request("POST", path, one).status == 201

    def is_denied() -> bool:
        wanted = config_map("second", answer="43")
        return root.apply(wanted, manager="probe", force="true", dryRun="All").status != 200

    def lift() -> None:
        for path in made:
            root.request("DELETE", f"{path}/answers")
        until(lambda: not is_denied())

    scene.kept.callback(lift)
    until(is_denied)
    return lift


def server_error(scene: Scene) -> Lift:
    return _met(scene, rejection(500, "InternalError", "etcdserver: leader changed"))


def throttled(scene: Scene) -> Lift:
    return _met(scene, BUSY)


def redirected(scene: Scene) -> Lift:
    return _met(scene, Answers(302, b"", {"Location": "https://169.254.169.254/latest/"}))


def page_of_html(scene: Scene) -> Lift:
    return _met(scene, Answers(200, b"<html>Sign in</html>", media="text/html"))


def deep(scene: Scene) -> Lift:
    return _met(scene, deep_json())


def never_answered(scene: Scene) -> Lift:
    return _met(scene, Hangs())


def cut_before(scene: Scene) -> Lift:
    """The connection breaks, and the cluster has done nothing."""
    return _met(scene, CutsBefore())


def cut_after(scene: Scene) -> Lift:
    """The connection breaks when the cluster has done it."""
    return _met(scene, CutsAfter())


def _met(scene: Scene, effect: Effect) -> Lift:
    """What Waybill's patch of `second` meets on the simulated cluster."""
    plane = scene.peer.plane
    assert isinstance(plane, Simulated)
    cluster = plane.cluster
    when = When(verb="patch", name="second", user=ACCOUNT)
    fault = cluster.call(lambda: cluster.faults.add(when, effect))
    scene.kept.callback(cluster.call, cluster.faults.clear)
    return lambda: cluster.call(fault.lift)


def field_conflict(scene: Scene) -> Lift:
    """Somebody else sets the field that the change sets, and lets it go later."""
    scene.peer.apply(config_map("second", answer="44"), manager="kubectl")
    empty = {key: part for key, part in config_map("second").items() if key != "data"}
    return lambda: scene.peer.apply(empty, manager="kubectl")


def met_another(scene: Scene) -> Lift:
    """`third` is there when it is to be created, and is somebody else's."""
    theirs = config_map("third")
    scene.peer.apply(theirs, manager="kubectl")
    return lambda: scene.peer.take_away(theirs)


def moved_plan(scene: Scene) -> Lift:
    """`second` was deleted and made anew by somebody since the plan was made."""
    scene.peer.take_away(config_map("second"))
    scene.peer.apply(config_map("second", question="6 x 7"), manager="kubectl")
    return lambda: None


def forbidden(scene: Scene) -> Lift:
    """Waybill's account has lost its rights in the namespace."""
    binding = next(
        one
        for one in rights.for_a_namespace(NAMESPACE)
        if one["metadata"]["name"] == rights.ACCOUNT
    )
    assert scene.peer.root.delete(binding).status == 200
    scene.peer.until_admitted(NAMESPACE, status=403)
    return scene.peer.admit


def missing_namespace(scene: Scene) -> Lift:
    """The namespace is granted, and was never made."""
    name = f"llm-gone-{uuid.uuid4().hex[:8]}"
    team = scene.author.memberships.get(environment="prod").team
    GrantFactory.create(cluster=scene.cluster, team=team, namespace=name)
    definition = uuid.uuid4()
    steps = []
    for phase, word in enumerate(("first", "second", "third"), 1):
        manifest = config_map(f"{word}-there")
        manifest["metadata"]["namespace"] = name
        steps.append(Put(manifest, phase=phase, definition_id=definition))
    scene.change = approved(scene.author, scene.approver, steps, cluster=scene.cluster)
    return lambda: scene.peer.admit(name)
