"""Clusters over REST: credentials go in, each refusal has its own words, and none comes out."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
import yaml

from inference.accounts.models import User
from inference.audit.models import AuditEvent
from inference.clusters.models import Cluster, ClusterCredential
from inference.outbox.models import OutboxEntry
from tests.api.callers import Caller, code_of
from tests.api.house import House
from tests.clusters.test_actions import certificate
from tests.factories.clusters import EgressRangeFactory

Rest = Callable[..., Caller]
CANARY = "canary-of-a-token"
SERVER = "https://10.20.0.1:6443"


@pytest.fixture(autouse=True)
def range_of_ours(db: None) -> None:
    EgressRangeFactory.create(cidr="10.20.0.0/16")


@pytest.fixture(scope="module")
def ca() -> str:
    return certificate(until=datetime(2036, 1, 1, tzinfo=UTC))[0]


def parts(ca: str, **other: str) -> dict[str, str]:
    return {"server": SERVER, "ca_pem": ca, "token": CANARY, **other}


def kubeconfig(ca: str, cluster: dict[str, Any], user: dict[str, Any]) -> str:
    data = base64.b64encode(ca.encode()).decode()
    whole = {"server": SERVER, "certificate-authority-data": data, **cluster}
    return yaml.safe_dump(
        {
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": whole}],
            "users": [{"name": "u", "user": user}],
        }
    )


def connect(caller: Caller, **how: Any) -> Any:
    return caller.post("clusters/", {"name": "west", "environment": "dev", **how})


def test_a_cluster_is_connected_by_its_parts_and_probed(
    ca: str, platform: User, rest: Rest
) -> None:
    response = connect(rest(platform), connection=parts(ca))

    assert response.status_code == 201
    assert response.json()["credential"]["kind"] == "token"
    cluster = Cluster.objects.get(name="west")
    assert OutboxEntry.objects.filter(topic="clusters.probe", key=str(cluster.pk)).exists()


def test_a_cluster_is_connected_by_a_kubeconfig(ca: str, platform: User, rest: Rest) -> None:
    text = kubeconfig(ca, {}, {"token": CANARY})

    response = connect(rest(platform), kubeconfig=text)

    assert response.json()["server"] == SERVER


def test_a_credential_is_in_no_answer_and_no_record(ca: str, platform: User, rest: Rest) -> None:
    caller = rest(platform)

    response = connect(caller, connection=parts(ca))

    shown = caller.get("clusters/west/").content + caller.get("audit-events/").content
    assert CANARY.encode() not in response.content + shown
    assert CANARY not in str(AuditEvent.objects.values_list("before", "after"))
    assert CANARY.encode() not in bytes(ClusterCredential.objects.get().sealed)


@pytest.mark.parametrize(
    ("cluster", "user", "code"),
    [
        ({}, {"exec": {"command": "sh"}}, "kubeconfig-exec"),
        ({}, {"auth-provider": {"name": "gcp"}}, "kubeconfig-auth-provider"),
        ({}, {"tokenFile": "/etc/passwd"}, "kubeconfig-token-file"),
        ({}, {"client-certificate": "/c", "client-key": "/k"}, "kubeconfig-file"),
        ({}, {"username": "a", "password": "b"}, "kubeconfig-password"),
        ({}, {"token": CANARY, "as": "root"}, "kubeconfig-impersonation"),
        ({}, {}, "kubeconfig-no-credential"),
        ({"proxy-url": "http://10.20.0.9"}, {"token": CANARY}, "kubeconfig-proxy"),
        ({"insecure-skip-tls-verify": True}, {"token": CANARY}, "kubeconfig-insecure"),
        ({"certificate-authority": "/ca"}, {"token": CANARY}, "kubeconfig-file"),
        ({"certificate-authority-data": ""}, {"token": CANARY}, "kubeconfig-no-ca"),
        ({"certificate-authority-data": "eA=="}, {"token": CANARY}, "kubeconfig-bad-data"),
        ({"server": "http://10.20.0.1:6443"}, {"token": CANARY}, "address-not-https"),
        ({"server": "https://a:b@10.20.0.1:6443"}, {"token": CANARY}, "address-has-credentials"),
        ({"server": "https://169.254.169.254"}, {"token": CANARY}, "address-never"),
        ({"server": "https://10.99.0.1:6443"}, {"token": CANARY}, "address-not-allowed"),
        ({}, {"token": "two words"}, "kubeconfig-bad-data"),
    ],
)
def test_a_kubeconfig_that_would_do_more_is_refused_in_its_own_words(
    cluster: dict[str, Any],
    user: dict[str, Any],
    code: str,
    ca: str,
    platform: User,
    rest: Rest,
) -> None:
    response = connect(rest(platform), kubeconfig=kubeconfig(ca, cluster, user))

    assert code_of(response) == (422, code)
    assert CANARY.encode() not in response.content
    assert not Cluster.objects.exists()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "kubeconfig-shape"),
        ("just text", "kubeconfig-shape"),
        ("a: &a 1\nb: *a", "yaml-alias"),
        ("[" * 40 + "]" * 40, "yaml-too-deep"),
        ("a: " + "x" * 261_000, "kubeconfig-shape"),
        ("a: " + "é" * 140_000, "yaml-too-large"),
    ],
)
def test_what_is_no_kubeconfig_is_refused(text: str, code: str, platform: User, rest: Rest) -> None:
    response = connect(rest(platform), kubeconfig=text)

    assert code_of(response) == (422, code)


@pytest.mark.parametrize("how", [{}, {"kubeconfig": "x", "connection": {}}])
def test_a_kubeconfig_or_its_parts_are_sent_and_not_both(
    how: dict[str, Any], platform: User, rest: Rest
) -> None:
    assert connect(rest(platform), **how).status_code == 422


def test_a_name_that_is_taken_is_a_conflict(ca: str, platform: User, rest: Rest) -> None:
    caller = rest(platform)
    connect(caller, connection=parts(ca))

    response = connect(caller, connection=parts(ca))

    assert code_of(response) == (409, "cluster-name-taken")


@pytest.mark.parametrize(
    "name", ["West", "-west", "west-", "we st", "we/st", "..", "w" * 41, "we%2fst", "wést", "w.e"]
)
def test_a_name_that_is_none_is_refused(name: str, ca: str, platform: User, rest: Rest) -> None:
    response = connect(rest(platform), connection=parts(ca), name=name)

    assert "name" in response.json()["fields"]


@pytest.mark.parametrize("name", ["../me", "east-0%2f..%2f", "EAST-0", "east-0;x", "%00", "e" * 99])
def test_an_address_with_such_a_name_leads_nowhere(
    name: str, house: House, platform: User, rest: Rest
) -> None:
    assert rest(platform).get(f"clusters/{name}/").status_code == 404


def test_a_credential_is_replaced_and_never_shown(
    house: House, ca: str, platform: User, rest: Rest
) -> None:
    caller, path = rest(platform), f"clusters/{house.cluster.name}/replace-credential/"

    response = caller.post(path, {"connection": parts(ca)}, If_Match='"1"')

    assert response.status_code == 200
    assert (response["ETag"], response.json()["credential"]["version"]) == ('"2"', 1)
    assert CANARY.encode() not in response.content


def test_a_removed_cluster_is_not_there_and_its_name_is_free(
    house: House, ca: str, platform: User, rest: Rest
) -> None:
    caller, name = rest(platform), house.cluster.name
    caller.post(f"clusters/{name}/remove/", If_Match='"1"')

    response = connect(caller, connection=parts(ca), name=name)

    assert response.status_code == 201
    assert response.json()["id"] != str(house.cluster.pk)


def test_a_problem_of_a_cluster_is_a_sentence(house: House, platform: User, rest: Rest) -> None:
    Cluster.objects.update(problem_code="cluster-timed-out")

    shown = rest(platform).get(f"clusters/{house.cluster.name}/").json()

    assert shown["problem"]["code"] == "cluster-timed-out"
    assert shown["problem"]["detail"].startswith("The cluster did not answer")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"namespace": "kube-system"}, "body-invalid"),
        ({"namespace": "Chat"}, "body-invalid"),
        ({"namespace": "llm-chat"}, "namespace-granted"),
        ({"cluster": "nowhere"}, "not-found"),
        ({"team": "nobody"}, "not-found"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(
    body: dict[str, str], code: str, house: House, platform: User, rest: Rest
) -> None:
    whole = {"cluster": house.cluster.name, "team": "chat", "namespace": "more", **body}

    response = rest(platform).post("grants/", whole)

    assert code_of(response)[1] == code


def test_a_gateway_that_carries_routes_stays(house: House, platform: User, rest: Rest) -> None:
    response = rest(platform).send("DELETE", f"gateways/{house.gateway.pk}/", None, If_Match='"1"')

    assert code_of(response) == (409, "gateway-in-use")


@pytest.mark.parametrize("cidr", ["10.0.0.0", "10.0.0.1/8", "x", "10.0.0.0/99", ""])
def test_a_range_that_is_none_is_refused(cidr: str, platform: User, rest: Rest) -> None:
    response = rest(platform).post("egress-ranges/", {"cidr": cidr, "reason": "lab"})

    expected = (201, None) if cidr == "10.0.0.0" else (422, "range-malformed")
    assert (response.status_code, orjson.loads(response.content).get("code")) == expected
