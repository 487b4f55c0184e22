"""Each way to be refused: a sentence with what to do, and an exit status of its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from console.cli import main
from console.cli.failures import Exit
from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from tests.api.house import House

pytestmark = pytest.mark.django_db(transaction=True)


OF_AN_AUTHOR = (
    ("get cluster nowhere", 4, "There is no such cluster that you may see."),
    ("get cluster a/b", 2, "'a/b' names none of the clusters: give name."),
    ("get reading 1", 2, "There are only lists of readings: waybill list reading"),
    ("list team colour=blue", 6, "colour is no filter here; there are: cursor, limit."),
    ("list team blue", 2, "'blue' is no filter such as team=chat."),
    ("list fruit", 2, "There is no noun fruit; there are team, person"),
    ("export team", 2, "team is no definition; there are hardware-pool, served-model"),
    ("export route nothing", 4, "Team chat has no route nothing."),
    ("cluster hold east-0", 4, "This needs the site role platform."),
    ("create team colour=blue", 2, "'colour=blue' is no field of a team; give name=…"),
    ("create team name=new", 4, "This needs the site role platform."),
    ("diff -f nowhere.yaml", 2, "nowhere.yaml cannot be read: No such file"),
    ("token issue long --days 9999", 4, "A token issues tokens of no more scopes"),
)


def test_what_an_author_is_told(waybill: Any, author: User) -> None:
    run = waybill(author)

    told = [run(*words.split()) for words, *_ in OF_AN_AUTHOR]

    assert [(one.status, one.out) for one in told] == [
        (status, "") for _, status, _ in OF_AN_AUTHOR
    ]
    for one, (_, _, sentence) in zip(told, OF_AN_AUTHOR, strict=True):
        assert one.err.startswith(f"waybill: {sentence}")


def test_nobody_is_told_where_a_token_goes(waybill: Any) -> None:
    said = waybill(None)("me")

    assert said.status == Exit.NOT_SIGNED_IN
    assert "Sign in, or send a token" in said.err
    assert "WAYBILL_TOKEN" in said.err


def test_a_token_without_the_scope(waybill: Any, author: User, house: House) -> None:
    said = waybill(author, "approve")("change", "submit", house.draft.pk)

    assert said.status == Exit.NOT_YOURS
    assert said.err == "waybill: This token lacks the scope propose.\n"


TWO_TEAMS = """\
{kind: route, name: a, team: chat, document: {}}
---
{kind: route, name: b, team: search, document: {}}
"""
FILES = (
    ("kind: hardware-pool", "document 1: a definition has a name and a document."),
    ("kind: fruit\nname: x\ndocument: {}", "document 1: kind is one of hardware-pool"),
    ("- a list", "document 1: this is no mapping"),
    ("kind: route\nsize: 3", "document 1: there is no field size"),
    ("a: &a 1\nb: *a", "document 1: "),
    ("---\n---\n", "There is no document in these files."),
    (TWO_TEAMS, "A change is of one team; these documents are of chat, search."),
)


def test_a_file_that_cannot_be_taken(waybill: Any, author: User, tmp_path: Path) -> None:
    run = waybill(author)
    path = tmp_path / "file.yaml"

    for text, sentence in FILES:
        path.write_text(text)
        said = run("apply", "-f", path, "--reason", "because")
        assert (said.status, sentence in said.err) == (Exit.USAGE, True), said.err
    assert not ChangeRequest.objects.filter(reason="because").exists()


def test_each_field_says_what_is_wrong_with_it(waybill: Any, author: User, tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("{kind: served-model, name: new, document: {weights: here, colour: blue}}")

    said = waybill(author)("apply", "-f", path, "--reason", "because")

    assert said.status == Exit.INVALID
    lines = said.err.splitlines()
    assert lines[0].startswith("waybill: ")
    assert "  edits.0.colour: There is no such field; check its spelling." in said.err
    assert "  edits.0.served_names: This is needed." in said.err


def test_an_older_generation_is_a_lost_update(
    waybill: Any, author: User, house: House, tmp_path: Path
) -> None:
    run = waybill(author)
    path = tmp_path / "file.yaml"
    path.write_text(
        run("export", "route")
        .out.replace("generation: 1", "generation: 7")
        .replace(": 300", ": 30")
    )

    said = run("apply", "-f", path, "--reason", "because")

    assert said.status == Exit.INVALID
    assert "has changed since this edit was begun" in said.err


def test_an_author_may_not_decide(waybill: Any, author: User, house: House) -> None:
    said = waybill(author)("change", "approve", house.change.pk)

    assert said.status == Exit.NOT_YOURS
    assert house.change.state == ChangeRequest.State.IN_REVIEW


def test_a_plan_that_was_not_seen(waybill: Any, approver: User, house: House) -> None:
    said = waybill(approver)("change", "approve", house.change.pk, "--plan", "0000")

    assert said.status == Exit.MOVED_ON
    assert said.err.startswith("waybill: The plan has moved on: you named 0000, now it is ")
    assert f"waybill change plan {house.change.pk}" in said.err


def test_a_move_that_is_not_open(waybill: Any, author: User, house: House) -> None:
    said = waybill(author)("change", "retry", house.change.pk)

    assert said.status == Exit.MOVED_ON


def test_waiting_ends_where_a_person_has_to_act(waybill: Any, author: User, house: House) -> None:
    resting = waybill(author)("change", "wait", house.draft.pk)
    pending = waybill(author)("change", "wait", house.change.pk, "--timeout", "0")

    assert (resting.status, pending.status) == (Exit.ENDED_OTHERWISE, Exit.ENDED_OTHERWISE)
    assert resting.err == f"waybill: Change {house.draft.pk} is draft.\n"
    assert f"waybill: Change {house.change.pk} is still in-review.\n" in pending.err


def test_programs_are_told_in_json(waybill: Any, author: User) -> None:
    refused = waybill(author)("--json", "get", "cluster", "nowhere")
    failed = waybill(author)("--json", "list", "fruit")

    assert json.loads(refused.err)["code"] == "not-found"
    assert json.loads(failed.err)["exit"] == Exit.USAGE


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("http://127.0.0.1:9", Exit.NO_ANSWER, "does not answer: Connection refused"),
        ("https://127.0.0.1:9", Exit.NO_ANSWER, "does not answer: Connection refused"),
        ("http://waybill.example", Exit.USAGE, "would send the token in the clear; use https."),
        ("ftp://waybill.example", Exit.USAGE, "is no address such as https://"),
        ("https://me:word@waybill.example", Exit.USAGE, "Put the token into WAYBILL_TOKEN"),
        ("https://waybill.example:port", Exit.USAGE, "is no address such as https://"),
    ],
)
def test_a_server_that_is_not_there(
    capsys: pytest.CaptureFixture[str], address: str, status: Exit, sentence: str
) -> None:
    ended = main(["--url", address, "me"], {"WAYBILL_TOKEN": "x"})

    assert ended == status
    assert sentence in capsys.readouterr().err


def test_an_answer_that_is_none_of_ours(
    live_server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = main(["--url", f"{live_server.url}/admin", "me"], {})

    assert ended == Exit.NO_ANSWER
    assert "without /api?" in capsys.readouterr().err
