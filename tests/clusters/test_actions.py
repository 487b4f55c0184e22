"""Deeds of platform engineers: who may, what is kept, what is refused, what is never shown."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db.models import Model

from inference.accounts.models import Team, User
from inference.audit.models import AuditEvent
from inference.clusters import actions, sharing
from inference.clusters.client.connection import Connection
from inference.clusters.models import (
    Cluster,
    ClusterCredential,
    EgressRange,
    Gateway,
    Grant,
    Inventory,
    LiveObject,
)
from inference.errors import Conflict, Invalid, NotAllowed, Refusal
from inference.outbox.models import OutboxEntry
from tests.conftest import NOON
from tests.factories.clusters import (
    ClusterFactory,
    EgressRangeFactory,
    GatewayFactory,
    GrantFactory,
)

CANARY = "canary-of-a-token"
SERVER = "https://10.20.0.1:6443"


def certificate(*, until: datetime) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "someone")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(until - timedelta(days=1))
        .not_valid_after(until)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(pem).decode(), private.decode()


@pytest.fixture(autouse=True)
def range_of_ours(db: None) -> None:
    EgressRangeFactory.create(cidr="10.20.0.0/16")


@pytest.fixture(scope="module")
def ca() -> str:
    return certificate(until=datetime(2036, 1, 1, tzinfo=UTC))[0]


def connection(ca: str, server: str = SERVER) -> Connection:
    return Connection(server=server, ca_pem=ca, token=CANARY)


def connected(by: User, ca: str, name: str = "east") -> Cluster:
    return actions.connect_cluster(
        name=name, environment="prod", connection=connection(ca), by=by, at=NOON
    )


def test_connecting_seals_the_credential_and_wakes_a_probe(platform: User, ca: str) -> None:
    cluster = connected(platform, ca)

    assert cluster.credential.version == 1
    assert OutboxEntry.objects.filter(topic="clusters.probe", key=cluster.pk).exists()
    event = AuditEvent.objects.get(subject_kind="cluster")
    assert event.verb == "connected"
    assert CANARY not in f"{event.before}{event.after}{vars(cluster)}"


def test_only_platform_connects(admin: User, ca: str) -> None:
    with pytest.raises(NotAllowed, match="site role platform"):
        connected(admin, ca)

    assert not Cluster.objects.exists()


def test_a_name_is_taken_until_its_cluster_is_removed(platform: User, ca: str) -> None:
    first = connected(platform, ca)

    with pytest.raises(Conflict, match="named east is connected already"):
        connected(platform, ca)

    actions.remove(cluster=first, version=1, by=platform, at=NOON)
    assert connected(platform, ca).pk != first.pk


@pytest.mark.parametrize(
    "server", ["http://10.20.0.1", "https://127.0.0.1:6443", "https://169.254.169.254"]
)
def test_an_address_that_may_not_be_dialled_is_refused(
    platform: User, ca: str, server: str
) -> None:
    with pytest.raises(Refusal):
        actions.connect_cluster(
            name="east",
            environment="prod",
            connection=connection(ca, server),
            by=platform,
            at=NOON,
        )

    assert not Cluster.objects.exists()


def test_an_allowed_range_may_be_dialled(platform: User, ca: str) -> None:
    sharing.allow_range(cidr="10.30.0.0/16", reason="our own network", by=platform, at=NOON)

    cluster = actions.connect_cluster(
        name="east",
        environment="prod",
        connection=connection(ca, "https://10.30.0.1:6443"),
        by=platform,
        at=NOON,
    )

    assert cluster.server == "https://10.30.0.1:6443"


def test_a_certificate_that_has_ended_is_refused(platform: User, ca: str) -> None:
    cert, key = certificate(until=NOON - timedelta(days=1))

    with pytest.raises(Invalid, match="expired at"):
        actions.connect_cluster(
            name="east",
            environment="prod",
            connection=Connection(SERVER, ca, client_cert_pem=cert, client_key_pem=key),
            by=platform,
            at=NOON,
        )


def test_a_replaced_credential_has_the_next_version(platform: User, ca: str) -> None:
    cluster = connected(platform, ca)

    moved = actions.replace_credential(
        cluster=cluster, version=1, connection=connection(ca), by=platform, at=NOON
    )

    assert moved.version == 2
    assert ClusterCredential.objects.get(cluster=cluster).version == 2


def test_a_deed_on_an_older_version_is_refused(platform: User, ca: str) -> None:
    cluster = connected(platform, ca)
    actions.hold(cluster=cluster, version=1, by=platform, at=NOON)

    with pytest.raises(Conflict, match="it has version 2, you sent 1"):
        actions.resume(cluster=cluster, version=1, by=platform, at=NOON)


def test_a_removed_cluster_has_no_credential_and_takes_no_deed(platform: User, ca: str) -> None:
    cluster = connected(platform, ca)

    actions.remove(cluster=cluster, version=1, by=platform, at=NOON)

    assert not ClusterCredential.objects.exists()
    with pytest.raises(Conflict, match="was removed"):
        actions.hold(cluster=cluster, version=2, by=platform, at=NOON)


def test_a_namespace_is_granted_once(platform: User, chat: Team) -> None:
    cluster = ClusterFactory.create()
    sharing.grant(cluster=cluster, team=chat, namespace="llm-chat", by=platform, at=NOON)

    with pytest.raises(Conflict, match="granted to team chat already"):
        sharing.grant(cluster=cluster, team=chat, namespace="llm-chat", by=platform, at=NOON)


@pytest.mark.parametrize("namespace", ["kube-system", "Chat", "a" * 64, "-chat", "a/b"])
def test_a_namespace_that_cannot_be_granted_is_refused(
    platform: User, chat: Team, namespace: str
) -> None:
    with pytest.raises(Exception, match=r"small letters|belong to Kubernetes|at most 63"):
        sharing.grant(
            cluster=ClusterFactory.create(), team=chat, namespace=namespace, by=platform, at=NOON
        )


def test_a_grant_with_managed_objects_stays(platform: User) -> None:
    row = GrantFactory.create()
    LiveObject.objects.create(
        cluster=row.cluster,
        api_version="v1",
        kind="Service",
        namespace=row.namespace,
        name="a",
        uid="1",
        resource_version="1",
        labels={"app.kubernetes.io/managed-by": "waybill"},
        seen_at=NOON,
        changed_at=NOON,
    )

    with pytest.raises(Conflict, match="in objects: 1"):
        sharing.revoke_grant(row=row, by=platform, at=NOON)


def test_a_grant_with_objects_that_nobody_has_looked_at_yet_stays(platform: User) -> None:
    grant = GrantFactory.create(namespace="llm-chat")
    made = {
        "cluster": grant.cluster,
        "kind": "Deployment",
        "group": "apps",
        "api_version": "apps/v1",
        "namespace": "llm-chat",
        "name": "engine",
        "uid": "u",
    }
    Inventory.objects.create(**made, team=grant.team, definition_id=uuid4(), entered_at=NOON)

    with pytest.raises(Conflict, match="in objects: 1"):
        sharing.revoke_grant(row=grant, by=platform, at=NOON)

    LiveObject.objects.create(**made, seen_at=NOON, changed_at=NOON, gone_at=NOON)
    sharing.revoke_grant(row=grant, by=platform, at=NOON)
    assert not Grant.objects.exists()


def test_a_gateway_is_registered_once_while_it_is_not_removed(platform: User) -> None:
    row = GatewayFactory.create()
    place = {"cluster": row.cluster, "namespace": row.namespace, "name": row.name}

    with pytest.raises(Conflict, match="registered already"):
        sharing.register_gateway(**place, by=platform, at=NOON)


@pytest.mark.parametrize("cidr", ["10.0.0.1/8", "everything", "10.0.0.0/33", ""])
def test_a_range_that_is_none_is_refused(platform: User, cidr: str) -> None:
    with pytest.raises(Invalid, match="CIDR"):
        sharing.allow_range(cidr=cidr, reason="x", by=platform, at=NOON)


def test_what_two_take_away_at_once_is_taken_away_once(platform: User) -> None:
    """Each of the two has found it: the audit has the deed of the one who did it."""
    grant, gateway, allowed = (
        GrantFactory.create(),
        GatewayFactory.create(),
        EgressRangeFactory.create(),
    )
    gone = Gateway.objects.get(pk=gateway.pk)

    for _ in range(2):
        sharing.revoke_grant(row=Grant(**fields_of(grant)), by=platform, at=NOON)
        sharing.remove_gateway(row=gateway, by=platform, at=NOON)
        sharing.disallow_range(row=EgressRange(**fields_of(allowed)), by=platform, at=NOON)

    verbs = AuditEvent.objects.values_list("verb", flat=True).order_by("verb")
    assert list(verbs) == ["disallowed", "removed", "revoked"]
    with pytest.raises(Conflict, match="version 2, you sent 1"):
        sharing.trust_gateway(row=gone, version=gone.version, ca_pem="", by=platform, at=NOON)


def fields_of(row: Model) -> dict[str, object]:
    return {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields}


def test_the_audit_has_the_authority_that_was_trusted_before_and_after(platform: User) -> None:
    pem, _ = certificate(until=datetime(2036, 1, 1, tzinfo=UTC))
    row = GatewayFactory.create()

    sharing.trust_gateway(row=row, version=1, ca_pem=pem, by=platform, at=NOON)

    event = AuditEvent.objects.get(subject_kind="gateway")
    assert json.loads(event.before) == {"ca_pem": ""}
    assert json.loads(event.after) == {"ca_pem": pem}
