"""Definitions go out as YAML and come back in, and only what differs becomes an edit."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.clusters.client import safe_yaml
from inference.definitions.models import HardwarePool, Route, ServedModel
from tests.api.callers import Caller
from tests.api.house import House, model_document, token_for

pytestmark = pytest.mark.django_db(transaction=True)

KINDS = ("hardware-pool", "served-model", "route")


def saved(folder: Path, text: str) -> Path:
    path = folder / "definitions.yaml"
    path.write_text(text)
    return path


def test_each_kind_comes_back_unchanged(
    waybill: Any, author: User, house: House, tmp_path: Path
) -> None:
    run = waybill(author)

    for kind in KINDS:
        exported = run("export", kind)
        compared = run("diff", "-f", saved(tmp_path, exported.out))
        applied = run("apply", "-f", tmp_path / "definitions.yaml", "--reason", "none")
        assert [one["kind"] for one in yaml.safe_load_all(exported.out)] == [kind]
        assert (compared.status, compared.out) == (0, "")
        assert applied.out == "Everything is as in the files already: no change is needed.\n"
    assert not ChangeRequest.objects.filter(reason="none").exists()


def test_everything_is_exported_in_one_stream(
    waybill: Any, author: User, house: House, tmp_path: Path
) -> None:
    run = waybill(author)

    exported = run("export")

    assert [one["kind"] for one in yaml.safe_load_all(exported.out)] == list(KINDS)
    assert run("diff", "-f", saved(tmp_path, exported.out)).status == 0


def test_an_export_has_the_bytes_of_the_servers_own(
    waybill: Any, author: User, house: House
) -> None:
    names = {
        "hardware-pool": house.pool.name,
        "served-model": house.model.name,
        "route": house.route.name,
    }
    caller = Caller(token_for(author))

    for kind, name in names.items():
        own = caller.get(f"{kind}s/chat/{name}/export/", Accept="application/yaml")
        assert waybill(author)("export", kind, name).out == own.content.decode()


def test_what_differs_becomes_one_edit(
    waybill: Any, author: User, house: House, tmp_path: Path
) -> None:
    run = waybill(author)
    text = run("export").out.replace("replicas: 2", "replicas: 3")

    compared = run("diff", "-f", saved(tmp_path, text))
    applied = run("apply", "-f", tmp_path / "definitions.yaml", "--reason", "more users")

    assert compared.status == 1
    assert "-  - id:" not in compared.out
    assert "-    replicas: 2" in compared.out
    assert "+    replicas: 3" in compared.out
    change = ChangeRequest.objects.latest("pk")
    assert applied.out.endswith(f"Next: waybill change submit {change.pk}\n")
    assert change.revision is not None
    [edit] = change.revision.edits.all()
    assert (edit.verb, edit.name) == ("update", house.model.name)
    assert edit.document["spec"]["placements"][0]["replicas"] == 3


def test_fields_are_taken_back_by_a_document_that_says_so(
    waybill: Any, author: User, house: House, tmp_path: Path
) -> None:
    run, own = waybill(author), house.inventory
    take = {"cluster": house.cluster.name, "kind": own.kind, "namespace": own.namespace}
    take |= {"name": own.name, "path": "spec.replicas", "manager": "kubectl"}
    exported = yaml.safe_load(run("export", "served-model").out)
    path = saved(tmp_path, json.dumps(exported | {"takes": [take]}))

    compared = run("diff", "-f", path)
    run("apply", "-f", path, "--reason", "drift")
    broken = run("diff", "-f", saved(tmp_path, json.dumps(exported | {"takes": ["replicas"]})))

    change = ChangeRequest.objects.latest("pk")
    assert change.revision is not None
    [edit] = change.revision.edits.all()
    assert (edit.verb, edit.takes) == ("update", [take])
    assert compared.status == 1
    assert compared.out == (
        f"! takes back by force spec.replicas of {own.kind} {own.namespace}/{own.name}"
        f" in {house.cluster.name} from kubectl\n"
    )
    assert "takes is a list of fields, each with cluster, kind" in broken.err


def test_a_change_is_revised_from_files(
    waybill: Any, author: User, house: House, tmp_path: Path
) -> None:
    run, number = waybill(author), house.draft.pk
    exported = run("export", "served-model").out
    others = exported.replace("team: chat", "team: rival")
    more = saved(tmp_path, exported.replace("replicas: 2", "replicas: 3"))

    revised = run("change", "revise", number, "-f", more)
    same = run("change", "revise", number, "-f", saved(tmp_path, exported))
    strange = run("change", "revise", number, "-f", saved(tmp_path, others))

    house.draft.refresh_from_db()
    assert revised.out == f"Revised change {number}. Next: waybill change submit {number}\n"
    assert house.draft.revision is not None
    assert house.draft.revision.number == 2
    assert [str(one) for one in house.draft.revision.edits.all()] == [
        f"update served-model {house.model.name}"
    ]
    assert "nothing would be left to change" in same.err
    assert f"Change {number} is of chat; these are of rival." in strange.err


@pytest.mark.parametrize("command", [["diff"], ["change", "revise"]])
@pytest.mark.parametrize("team", [5, ["chat"]])
def test_a_team_that_is_no_text_is_told_with_its_place(
    waybill: Any, author: User, house: House, tmp_path: Path, command: list[str], team: Any
) -> None:
    given = {"kind": "served-model", "name": "x", "document": {}, "team": team}
    path = saved(tmp_path, json.dumps(given))
    what = [*command, house.draft.pk] if command[0] == "change" else command

    told = waybill(author)(*what, "-f", path)

    assert told.err == f"waybill: {path}, document 1: team is a text.\n"


def test_an_empty_team_is_that_of_the_change(
    waybill: Any, author: User, house: House, tmp_path: Path
) -> None:
    exported = waybill(author)("export", "served-model").out.replace("team: chat", "team:")
    more = saved(tmp_path, exported.replace("replicas: 2", "replicas: 3"))

    revised = waybill(author)("change", "revise", house.draft.pk, "-f", more)

    assert revised.out.startswith("Revised change")


def test_a_pool_that_is_no_text_is_for_the_server_to_refuse(
    waybill: Any, author: User, house: House, tmp_path: Path
) -> None:
    document = model_document(house.pool.name)
    document["placements"] = [{"pool": ["h100"], "replicas": 1}]
    given = {"kind": "served-model", "name": house.model.name, "document": document}

    told = waybill(author)(
        "apply", "-f", saved(tmp_path, json.dumps(given)), "--reason", "a mistake"
    )

    assert "placements.0.pool" in told.err


def test_left_out_fields_are_defaults_and_a_placement_keeps_its_id(
    waybill: Any, author: User, house: House, tmp_path: Path
) -> None:
    document = model_document(house.pool.name)
    del document["placements"][0]["id"]
    short = {"kind": "served-model", "name": house.model.name, "document": document}

    compared = waybill(author)("diff", "-f", saved(tmp_path, json.dumps(short)))

    assert (compared.status, compared.out) == (0, "")


def test_a_new_definition_is_created_and_may_be_submitted_at_once(
    waybill: Any, author: User, house: House, tmp_path: Path
) -> None:
    document = model_document(house.pool.name)
    del document["placements"][0]["id"]
    new = {"kind": "served-model", "name": "llama-next", "document": document}

    applied = waybill(author)(
        *("--json", "apply", "-f", saved(tmp_path, json.dumps(new))),
        *("--reason", "asked for", "--title", "A second llama", "--submit"),
    )

    change = json.loads(applied.out)
    assert (change["state"], change["title"]) == ("planning", "A second llama")
    assert [edit["verb"] for edit in change["edits"]] == ["create"]


def test_an_export_of_everything_can_be_imported_where_nothing_is(
    waybill: Any, author: User, tmp_path: Path
) -> None:
    run = waybill(author)
    exported = run("export").out
    Route.objects.all().delete()
    ServedModel.objects.update(name="llama-moved", deleted_at="2026-06-01T12:00Z")
    HardwarePool.objects.update(name="pool-moved", deleted_at="2026-06-01T12:00Z")

    compared = run("--json", "diff", "-f", saved(tmp_path, exported))

    assert [one["verb"] for one in json.loads(compared.out)] == ["create"] * 3


def test_deleting_drafts_a_change(waybill: Any, author: User, house: House) -> None:
    done = waybill(author)("delete", "routes", house.route.name, "--reason", "not used")

    change = ChangeRequest.objects.latest("pk")
    assert done.status == 0
    assert change.revision is not None
    assert [(one.verb, one.name) for one in change.revision.edits.all()] == [
        ("delete", house.route.name)
    ]


def test_more_documents_than_the_reader_takes_at_once(
    waybill: Any, author: User, house: House, tmp_path: Path
) -> None:
    one = waybill(author)("export", "route").out
    text = "---\n".join([one] * (safe_yaml.MOST_DOCUMENTS + 1))

    assert waybill(author)("diff", "-f", saved(tmp_path, text)).status == 0
