"""What a body may be: its form, its size, its fields, and nothing else."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from inference.accounts.models import Team, User
from inference.api.shapes import Body
from inference.audit.models import AuditEvent
from tests.api.addresses import patterns
from tests.api.callers import Caller, code_of
from tests.api.house import POOL_DOCUMENT, House

Rest = Callable[..., Caller]
WRITABLE = {
    "ClusterEdit": {"title"},
    "Credential": {"kubeconfig", "context", "connection"},
    "Decision": {"plan_hash", "comment"},
    "Edits": {"edits"},
    "Eyes": {"one_pair_of_eyes"},
    "GrantSecrets": {"pull_secret", "token_secret"},
    "NewChangeRequest": {"edits", "team", "reason", "title"},
    "NewCluster": {
        "kubeconfig",
        "context",
        "connection",
        "name",
        "environment",
        "title",
    },
    "NewEgressRange": {"cidr", "reason"},
    "NewGateway": {"cluster", "namespace", "name", "listener", "ca_pem"},
    "GatewayAuthority": {"ca_pem"},
    "NewGrant": {"cluster", "team", "namespace", "pull_secret", "token_secret"},
    "NewMetricsSource": {"url", "browser_url", "ca_pem", "token"},
    "NewPerson": {"username", "name", "kind"},
    "NewTeam": {"name", "title"},
    "NewToken": {"name", "expires_at", "owner", "may_propose", "may_approve", "may_administer"},
    "Nothing": set(),
    "PersonEdit": {"name", "is_active", "is_platform"},
    "RoleGiven": {"role"},
    "SendingBack": {"plan_hash", "comment"},
    "TeamTitle": {"title"},
}


def bodies() -> set[type[Body]]:
    return {
        getattr(pattern.callback.cls, name).operation.body
        for pattern in patterns()
        for method, name in getattr(pattern.callback, "actions", {}).items()
        if method not in {"get", "head"}
    }


def test_only_these_fields_can_be_written() -> None:
    assert {body.__name__: set(body.model_fields) for body in bodies()} == WRITABLE


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "body-malformed"),
        (b"", "body-invalid"),
        (b"[]", "body-invalid"),
        (b'"text"', "body-invalid"),
        (b'{"name": NaN}', "body-malformed"),
        (b'{"name": Infinity}', "body-malformed"),
        (b'{"name": 1e999}', "body-malformed"),
        (b'{"name": ' + b"9" * 5000 + b"}", "body-malformed"),
        (b'{"name": 9223372036854775808}', "body-malformed"),
        (b'{"name": -1000000000000000000}', "body-malformed"),
        (b'{"name": "\\ud800"}', "body-malformed"),
        (b'{"name": "\xff"}', "body-malformed"),
        (b'{"name": "a", "name": "b"}', "body-duplicate-key"),
        (b'{"name": "a\\u0000"}', "body-nul-character"),
        (b'{"a\\u0000": 1}', "body-nul-character"),
        (b"[" * 40 + b"]" * 40, "body-too-deep"),
        (b"[" * 100_000, "body-malformed"),
        (b'{"name": "a"} {}', "body-malformed"),
        (b"<team/>", "body-malformed"),
    ],
)
def test_what_is_no_plain_json_object_is_refused(
    body: bytes, code: str, platform: User, rest: Rest
) -> None:
    response = rest(platform).post("teams/", body)

    assert code_of(response) == (422 if code == "body-invalid" else 400, code)


def test_a_body_beyond_the_limit_is_refused(platform: User, rest: Rest) -> None:
    response = rest(platform).post("teams/", b'{"name": "' + b"a" * 1024 * 1024 + b'"}')

    assert code_of(response) == (413, "body-too-large")


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json-patch+json",
        "application/yaml",
        "x" * 300,
        "",
    ],
)
def test_another_media_type_is_refused(kind: str, platform: User, rest: Rest) -> None:
    response = rest(platform).post("teams/", b'{"name": "new"}', Content_Type=kind)

    assert code_of(response) == (415, "media-type-unknown")
    assert not Team.objects.filter(name="new").exists()


def test_a_compressed_body_is_not_unpacked(platform: User, rest: Rest) -> None:
    bomb = gzip.compress(b'{"name": "new", "title": "' + b" " * 10_000_000 + b'"}')

    response = rest(platform).post("teams/", bomb, Content_Encoding="gzip")

    assert code_of(response) == (400, "body-malformed")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"name": "new", "id": "x"}, "id", "field-unknown"),
        ({"name": "new", "version": 7}, "version", "field-unknown"),
        ({"title": "New"}, "name", "field-missing"),
        ({"name": 7}, "name", "field-type"),
        ({"name": None}, "name", "field-type"),
        ({"name": "New"}, "name", "field-pattern"),
        ({"name": "a" * 41}, "name", "field-length"),
        ({"name": "../../admin"}, "name", "field-pattern"),
        ({"name": "a\n"}, "name", "field-pattern"),
        ({"name": "new", "title": "a\x1b[2J"}, "title", "field-pattern"),
    ],
)
def test_each_fault_stands_at_its_field(
    body: Any, field: str, code: str, platform: User, rest: Rest
) -> None:
    response = rest(platform).post("teams/", body)

    assert code_of(response) == (422, "body-invalid")
    [fault] = response.json()["fields"][field]
    assert fault["code"] == code
    assert fault["detail"].endswith((".", "dashes."))


def test_a_deed_without_a_body_takes_none(house: House, platform: User, rest: Rest) -> None:
    response = rest(platform).post(
        f"clusters/{house.cluster.name}/hold/", {"force": True}, If_Match='"1"'
    )

    assert response.json()["fields"]["force"][0]["code"] == "field-unknown"


YAML = b"""
team: chat
reason: a pool for tests
edits:
- verb: create
  kind: hardware-pool
  name: spare
  document:
    cluster: east-0
    accelerator: {vendor: nvidia, product: H100, memory_mib: 81559}
    resource: nvidia.com/gpu
    devices_per_node: 8
"""


def test_a_change_may_be_sent_as_yaml(house: House, author: User, rest: Rest) -> None:
    response = rest(author).post("change-requests/", YAML, Content_Type="application/yaml")

    assert response.status_code == 201
    assert response.json()["edits"][0]["name"] == "spare"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"a: &a [x]\nb: [*a, *a]", "yaml-alias"),
        (b"!!python/object/apply:os.system ['true']", "yaml-tag"),
        (b"a: 1\na: 2", "yaml-duplicate-key"),
        (b"[" * 40 + b"]" * 40, "yaml-too-deep"),
        (b"a: [", "yaml-unreadable"),
        (b"a: \x00", "yaml-not-text"),
        (b"x" * 300_000, "yaml-too-large"),
        (b"---\na: 1\n---\nb: 2", "yaml-too-many-documents"),
    ],
)
def test_yaml_with_tricks_is_refused(body: bytes, code: str, author: User, rest: Rest) -> None:
    response = rest(author).post("change-requests/", body, Content_Type="application/yaml")

    assert code_of(response) == (400, code)


def test_every_fault_of_a_document_is_named_at_its_path(
    house: House, author: User, rest: Rest
) -> None:
    document = {**POOL_DOCUMENT, "cluster": 7, "gpus": 8}
    edit = {"verb": "create", "kind": "hardware-pool", "name": "spare", "document": document}

    response = rest(author).post(
        "change-requests/", {"team": "chat", "reason": "why", "edits": [edit]}
    )

    assert response.status_code == 422
    assert set(response.json()["fields"]) == {
        "edits.0.cluster",
        "edits.0.gpus",
    }


def test_a_pool_is_granted_to_teams_that_exist(house: House, author: User, rest: Rest) -> None:
    document = {**POOL_DOCUMENT, "teams": [house.team.name, "serach"]}
    edit = {"verb": "create", "kind": "hardware-pool", "name": "spare", "document": document}

    response = rest(author).post(
        "change-requests/", {"team": "chat", "reason": "why", "edits": [edit]}
    )

    assert response.status_code == 422
    assert "There is no team serach." in str(response.json()["fields"]["edits.0.teams.1"])


def test_fields_are_taken_back_of_the_definitions_own_objects_alone(
    house: House, author: User, rest: Rest
) -> None:
    own = {"cluster": house.cluster.name, "kind": house.inventory.kind, "manager": "kubectl"}
    own |= {"namespace": house.inventory.namespace, "name": house.inventory.name}
    edit = {"verb": "update", "kind": "served-model", "name": house.model.name}
    edit |= {"document": house.model.document}

    def sent(*takes: dict[str, str], **more: str) -> Any:
        edits = [edit | {"takes": [{"path": ".spec.replicas"} | one for one in takes]} | more]
        body = {"team": house.team.name, "reason": "drift", "edits": edits}
        return rest(author).post("change-requests/", body)

    drafted = sent(own)
    strange, waybills = sent(own, own | {"name": "of-others"}), sent(own | {"manager": "waybill"})
    deletion = sent(own, verb="delete")

    shown = rest(author).get(f"change-requests/{drafted.json()['id']}/edits/").json()
    assert shown["edits"][0]["takes"] == [own | {"path": "spec.replicas"}]
    event = AuditEvent.objects.get(verb="drafted", subject_id=str(drafted.json()["id"]))
    assert "taking back by force spec.replicas of" in str(event.after)
    assert list(strange.json()["fields"]) == ["edits.0.takes.1"]
    assert "Waybill made no" in str(strange.json()["fields"])
    assert list(waybills.json()["fields"]) == ["edits.0.takes.0.manager"]
    assert deletion.status_code == 422


def test_an_exported_definition_is_taken_back_unchanged(
    house: House, author: User, rest: Rest
) -> None:
    caller = rest(author)
    exported = caller.get(f"served-models/chat/{house.model.name}/export/").content
    edit = b"- verb: update\n" + b"".join(b"  " + line + b"\n" for line in exported.splitlines())

    response = caller.post(
        "change-requests/",
        b"team: chat\nreason: as it was\nedits:\n" + edit,
        Content_Type="application/yaml",
    )

    assert response.status_code == 201, response.content
    sent = caller.get(f"change-requests/{response.json()['id']}/edits/").json()["edits"][0]
    assert sent["document"] == house.model.document
    assert sent["id"] == str(house.model.pk)
