"""What simulated clusters are asked is known to those who test, and told where it is new."""

from dataclasses import replace
from pathlib import Path

from inference.simulator.journal import Entry, Journal
from tests.contract import asked
from tests.contract.asked import Questions

LISTED = Entry(
    verb="list",
    user="person",
    path="/api/v1/namespaces/chat/configmaps?limit=5",
    api_version="v1",
    resource="configmaps",
    subresource="",
    namespace="chat",
    name="",
    uid="",
    status=200,
    version="7",
    before=7,
    after=7,
    is_dry_run=False,
    options={"limit": "5"},
)


def test_what_a_case_asks_is_known() -> None:
    assert asked.unknown([LISTED]) == []


def test_what_no_case_asks_is_named() -> None:
    machines = replace(LISTED, resource="machines")
    sideways = replace(LISTED, options={"limit": "5", "sideways": "true"})
    patched = replace(LISTED, verb="patch", media="text/x", options={"force": "perhaps"})

    assert asked.unknown([LISTED, machines]) == ["list v1/machines"]
    assert asked.unknown([sideways]) == ["list ?sideways"]
    assert asked.unknown([patched]) == ["patch ?force=perhaps", "patch with text/x"]


def test_questions_to_clusters_of_other_processes_are_heard_once(tmp_path: Path) -> None:
    file = tmp_path / "other.jsonl"
    with Questions(tmp_path) as questions:
        later = replace(LISTED, resource="pods").line()
        file.write_bytes(LISTED.line() + later[:20])
        first, second = questions.taken(), questions.taken()
        file.write_bytes(LISTED.line() + later)
        third = questions.taken()

    assert first == [LISTED]
    assert second == []
    assert third == [replace(LISTED, resource="pods")]


def test_a_journal_is_written_to_its_file_at_once(tmp_path: Path) -> None:
    with Questions(tmp_path / "elsewhere"):
        Journal(tmp_path / "journal.jsonl").add(LISTED)

    assert (tmp_path / "journal.jsonl").read_bytes() == LISTED.line()


def test_a_journal_leaves_out_the_request_that_marks_its_end() -> None:
    journal = Journal()
    place = journal.place()
    journal.add(LISTED)
    journal.add(replace(LISTED, path="/version?last=1"))

    assert journal.since(place, "?last=1") == [LISTED]
