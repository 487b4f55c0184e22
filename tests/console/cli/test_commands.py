"""What is said when all is well: lists, details, changes, clusters, tokens."""

import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.cli.nouns import DEFINITIONS, NOUNS
from inference.accounts.models import Membership, Token, User
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster, EgressRange
from tests.api.house import House
from tests.clusters.client.authority import Authority

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_noun_is_listed_with_its_columns(
    waybill: Any, author: User, platform: User, house: House
) -> None:
    for name, noun in NOUNS.items():
        said = waybill(platform if name == "egress-range" else author)("list", noun.path)
        lines = said.out.splitlines()
        assert (name, said.status) == (name, 0)
        assert len(lines) > 1, name
        assert lines[0].split("  ")[0].isupper(), name


def test_every_noun_with_a_key_is_shown(waybill: Any, platform: User, house: House) -> None:
    User.objects.filter(pk=platform.pk).update(is_superuser=True)
    run = waybill(platform)

    for name, noun in NOUNS.items():
        [row] = json.loads(run("--json", "list", name, "--limit", "1").out)
        if noun.key:
            shown = run("get", name, "/".join(str(row[part]) for part in noun.key))
            assert (name, shown.status) == (name, 0)
            assert yaml.safe_load(shown.out)


def test_a_list_goes_on_over_pages_and_says_where_it_stops(
    waybill: Any, platform: User, house: House
) -> None:
    EgressRange.objects.bulk_create(
        EgressRange(cidr=f"10.0.{number}.0/24", reason="test") for number in range(60)
    )
    run = waybill(platform)

    whole = json.loads(run("--json", "list", "egress-range").out)
    part = run("list", "egress-range", "--limit", "55")

    assert len({row["id"] for row in whole}) == 61
    assert len(part.out.splitlines()) == 56
    assert part.err == "There are more than 55; --limit shows more.\n"


def test_a_definition_is_of_the_only_team_or_of_the_named_one(
    waybill: Any, author: User, platform: User, house: House
) -> None:
    mine = waybill(author)("get", "hardware-pool", house.pool.name)
    whose = waybill(platform)("get", "hardware-pool", house.pool.name)

    assert yaml.safe_load(mine.out)["name"] == house.pool.name
    assert whose.err == "waybill: Say which team with --team.\n"


def test_a_change_is_looked_at_and_decided(waybill: Any, approver: User, house: House) -> None:
    run = waybill(approver)
    number = house.change.pk

    listed = run("change", "list", "--needs-me")
    plan = run("change", "plan", number)
    approved = run("change", "approve", number, "--plan", plan.out.split()[1][:12])

    assert str(number) in listed.out
    assert "chat in prod" in plan.out
    assert "create ConfigMap" in plan.out
    assert approved.out == f"Change {number} is approved.\n"
    assert ChangeRequest.objects.get(pk=number).state == ChangeRequest.State.APPROVED


def test_a_change_is_sent_back_and_rejected_with_a_word(
    waybill: Any, approver: User, house: House
) -> None:
    run = waybill(approver)
    number = house.change.pk

    with pytest.raises(SystemExit) as silent:
        run("change", "reject", number)
    back = run("change", "request-changes", number, "--comment", "fewer replicas")

    assert silent.value.code == 2
    assert back.out == f"Change {number} is changes-requested.\n"


def test_a_change_is_submitted_shown_and_cancelled(
    waybill: Any, author: User, house: House
) -> None:
    run = waybill(author)
    number = house.draft.pk

    said = [run("change", verb, number) for verb in ("edits", "submit", "show", "cancel")]

    assert [one.status for one in said] == [0, 0, 0, 0]
    assert yaml.safe_load(said[0].out)["edits"][0]["name"] == "spare"
    assert said[1].out == f"Change {number} is planning.\n"
    assert yaml.safe_load(said[2].out)["state"] == "planning"
    assert said[3].out == f"Change {number} is cancelled.\n"


def test_waiting_for_a_state_that_is_there(waybill: Any, author: User, house: House) -> None:
    said = waybill(author)("change", "wait", house.change.pk, "--for", "in-review")

    assert (said.status, said.out) == (0, f"Change {house.change.pk} is in-review.\n")


AUTHORITY = Authority()
KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: one
contexts: [{name: one, context: {cluster: one, user: one}}]
clusters:
- name: one
  cluster: {server: "https://10.250.0.1:6443", certificate-authority-data: %s}
users: [{name: one, user: {token: secret}}]
"""


def test_a_cluster_is_connected_by_kubeconfig_or_by_its_parts(
    waybill: Any, platform: User, tmp_path: Path
) -> None:
    ca, token, kubeconfig = (tmp_path / name for name in ("ca", "token", "kubeconfig"))
    ca.write_text(AUTHORITY.pem)
    token.write_text("secret\n")
    kubeconfig.write_text(KUBECONFIG % b64encode(AUTHORITY.pem.encode()).decode())
    run = waybill(platform)
    run("create", "egress-range", "cidr=10.250.0.0/16", "reason=the lab")

    by_file = run("cluster", "connect", "north", "--environment", "dev", "--kubeconfig", kubeconfig)
    by_parts = run(
        *("cluster", "connect", "south", "--environment", "dev", "--title", "The south"),
        *("--server", "https://10.250.0.2:6443", "--ca-file", ca, "--token-file", token),
    )
    replaced = run("cluster", "replace-credential", "north", "--kubeconfig", kubeconfig)

    assert by_file.out.startswith("Cluster north is entered;")
    assert by_parts.status == 0
    assert replaced.out == "The credential of cluster north is replaced.\n"
    servers = Cluster.objects.filter(name__in=["north", "south"]).values_list("server", flat=True)
    assert sorted(servers) == ["https://10.250.0.1:6443", "https://10.250.0.2:6443"]


def test_a_kubeconfig_that_runs_programs_is_refused_in_its_own_words(
    waybill: Any, platform: User, tmp_path: Path
) -> None:
    path = tmp_path / "kubeconfig"
    text = KUBECONFIG % b64encode(AUTHORITY.pem.encode()).decode()
    path.write_text(text.replace("{token: secret}", "{exec: {command: aws}}"))

    said = waybill(platform)(
        *("cluster", "connect", "north", "--environment", "dev", "--kubeconfig", path)
    )

    assert said.status == 6
    assert "exec" in said.err
    assert not Cluster.objects.filter(name="north").exists()


def test_a_cluster_is_held_resumed_and_removed(waybill: Any, platform: User, house: House) -> None:
    run = waybill(platform)
    name = house.cluster.name

    said = [run("cluster", verb, name) for verb in ("hold", "resume", "probe", "show")]
    rights = run("cluster", "rbac", name)
    removed = run("cluster", "remove", name)

    assert [one.status for one in said] == [0, 0, 0, 0]
    assert said[0].out == f"Cluster {name} is held.\n"
    kinds = [one["kind"] for one in yaml.safe_load_all(rights.out)]
    assert "ServiceAccount" in kinds
    assert "ClusterRole" in kinds
    assert removed.out == f"Cluster {name} is removed; what runs there stays.\n"
    assert Cluster.objects.get(pk=house.cluster.pk).state == Cluster.State.REMOVED


def test_tokens_are_issued_once_and_revoked(waybill: Any, author: User) -> None:
    run = waybill(author)

    issued = run("token", "issue", "ci", "--scope", "propose", "--days", "7")
    token = Token.objects.get(name="ci")
    listed = run("token", "list")
    revoked = run("token", "revoke", token.pk)

    assert issued.out.startswith("wbl_")
    assert issued.out.strip() not in listed.out
    assert (token.may_propose, token.may_approve) == (True, False)
    assert revoked.out == "Token ci is revoked.\n"


def test_people_and_roles(waybill: Any, platform: User, house: House) -> None:
    run = waybill(platform)

    made = run("create", "person", "username=ci", "kind=robot")
    given = run("--team", "chat", "role", "ci", "editor", "--environment", "dev")
    roles = [one.environment for one in Membership.objects.filter(user__username="ci")]
    taken = run("--team", "chat", "role", "ci", "none", "--environment", "dev")

    assert yaml.safe_load(made.out)["kind"] == "robot"
    assert given.out == "ci is editor in team chat.\n"
    assert roles == ["dev"]
    assert taken.out == "ci has no role in team chat any more.\n"


def test_ranges_and_grants_are_entered_and_removed(
    waybill: Any, platform: User, house: House
) -> None:
    run = waybill(platform)

    entered = run("--json", "create", "egress-range", "cidr=10.9.0.0/16", "reason=the lab")
    grant = run("--json", "create", "grant", "cluster=east-0", "team=chat", "namespace=more")
    removed = [
        run("remove", noun, json.loads(said.out)["id"])
        for noun, said in (("egress-range", entered), ("grant", grant))
    ]

    assert [one.status for one in removed] == [0, 0]
    assert not EgressRange.objects.filter(cidr="10.9.0.0/16").exists()


def test_the_command_needs_neither_django_nor_celery() -> None:
    script = (
        "import sys; from console.cli import main; main(['--url', 'http://127.0.0.1:9', 'me'], {});"
        "print([one for one in ('django', 'celery', 'kubernetes') if one in sys.modules])"
    )

    ran = subprocess.run([sys.executable, "-c", script], text=True, capture_output=True, check=True)

    assert ran.stdout == "[]\n"


def test_help_names_every_exit_status() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "console.cli", "--help"], text=True, capture_output=True, check=True
    )

    assert "exit status:" in ran.stdout
    assert all(f"\n  {status}  " in ran.stdout for status in range(9))


def test_definitions_are_nouns() -> None:
    assert set(DEFINITIONS) < set(NOUNS)
