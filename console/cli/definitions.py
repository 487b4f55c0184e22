"""`export`, `diff`, `apply` and `delete`: definitions as YAML, in and out."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from console.cli import documents
from console.cli.changes import follow
from console.cli.failures import Exit, Failure
from console.cli.nouns import DEFINITIONS, noun_of
from console.cli.printing import to_yaml
from console.cli.session import Session


def add(commands: Any) -> None:
    export = commands.add_parser("export", help="definitions as YAML, one document for each")
    export.add_argument("kind", nargs="?", help=f"one of {', '.join(DEFINITIONS)}; all without one")
    export.add_argument("names", nargs="*", metavar="name", help="these only")
    export.set_defaults(run=_export)
    diff = commands.add_parser("diff", help="what files would change; exit status 1 if anything")
    _files(diff)
    diff.set_defaults(run=_diff)
    apply = commands.add_parser("apply", help="draft a change that makes definitions as in files")
    _files(apply)
    _about_change(apply)
    apply.set_defaults(run=_apply)
    delete = commands.add_parser("delete", help="draft a change that deletes definitions")
    delete.add_argument("kind", help=", ".join(DEFINITIONS))
    delete.add_argument("names", nargs="+", metavar="name")
    _about_change(delete)
    delete.set_defaults(run=_delete)


def _files(parser: ArgumentParser) -> None:
    parser.add_argument(
        *("-f", "--file"),
        type=Path,
        action="append",
        required=True,
        dest="files",
        help="YAML documents as `export` writes them; - is standard input; may be repeated",
    )


def _about_change(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", required=True, help="why; whoever decides reads it")
    parser.add_argument("--title", default="", help="a line; made from the edits without one")
    parser.add_argument("--submit", action="store_true", help="and put it before those who decide")
    parser.add_argument("--wait", action="store_true", help="and wait until it is planned")


def _export(session: Session, options: Namespace) -> int:
    kinds = [_kind(options.kind)] if options.kind else DEFINITIONS
    query = {"team": session.team}
    found = [one for kind in kinds for one in documents.exported(session.rest, kind, query)]
    if options.names:
        known = {one["name"]: one for one in found}
        missing = [name for name in options.names if name not in known]
        if missing:
            raise Failure(
                f"Team {session.team} has no {kinds[0]} {', '.join(missing)}.", Exit.NOT_YOURS
            )
        found = [known[name] for name in options.names]
    if options.json:
        return session.show(found)
    return session.say("---\n".join(to_yaml(one) for one in found).rstrip("\n"))


def _diff(session: Session, options: Namespace) -> int:
    compared = documents.compare(session, documents.read(options.files))
    lines = [line for one in compared for line in one.diff()]
    if options.json:
        session.show([{"verb": one.verb, "definition": one.label} for one in compared if one.verb])
    elif lines:
        session.say("\n".join(lines))
    return Exit.DIFFERENT if any(one.verb for one in compared) else Exit.DONE


def _apply(session: Session, options: Namespace) -> int:
    compared = documents.compare(session, documents.read(options.files))
    teams = sorted({one.wanted["team"] for one in compared})
    if len(teams) > 1:
        raise Failure(f"A change is of one team; these documents are of {', '.join(teams)}.")
    edits = [one.edit() for one in compared if one.verb]
    if not edits:
        return session.tell("Everything is as in the files already: no change is needed.", None)
    return _draft(session, options, teams[0], edits)


def _delete(session: Session, options: Namespace) -> int:
    kind = _kind(options.kind)
    edits = [{"verb": "delete", "kind": kind, "name": name} for name in options.names]
    return _draft(session, options, session.team, edits)


def _draft(session: Session, options: Namespace, team: str, edits: list[dict[str, Any]]) -> int:
    body = {"team": team, "title": options.title, "reason": options.reason, "edits": edits}
    change = session.rest.post("/change-requests/", body)
    number = change["id"]
    if not (options.submit or options.wait):
        text = f"Drafted change {number}: {change['title']}. Next: waybill change submit {number}"
        return session.tell(text, change)
    change = session.rest.post(f"/change-requests/{number}/submit/", version=change["version"])
    if options.wait:
        return follow(session, number, until=("in-review", "approved"), timeout=None)
    return session.tell(f"Change {number} is being planned: {change['title']}", change)


def _kind(word: str) -> str:
    try:
        kind = noun_of(word)
    except ValueError:
        kind = ""
    if kind not in DEFINITIONS:
        raise Failure(f"{word} is no definition; there are {', '.join(DEFINITIONS)}.")
    return kind
