"""`waybill change`: look at changes, and take them further."""

import json
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from console.cli import documents
from console.cli.failures import Exit, Failure
from console.cli.nouns import NOUNS
from console.cli.printing import table, text
from console.cli.session import Session

ENDED = ("succeeded", "partial", "failed", "rejected", "cancelled", "expired")
RESTING = (*ENDED, "draft", "changes-requested")
"""Where a change stays until a person does something."""
DECISIONS = {
    "approve": "agree to the plan",
    "request-changes": "ask for another revision",
    "reject": "end it",
}
MOVES = {
    "submit": "have it planned, and put before those who decide",
    "cancel": "take it back before it starts",
    "retry": "try again what did not succeed",
}
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 2.0


def add(commands: Any) -> None:
    change = commands.add_parser("change", help="changes: list, show, plan, decide, wait")
    verbs = change.add_subparsers(dest="verb", required=True, metavar="verb")
    listed = verbs.add_parser("list", help="those that you may see, newest first")
    listed.add_argument("--state")
    listed.add_argument("--author")
    listed.add_argument("--needs-me", action="store_true", help="those that wait for you")
    listed.add_argument("--limit", type=int, default=50)
    listed.set_defaults(run=_list)
    for name, what in (
        ("show", "one change"),
        ("plan", "what it would do"),
        ("edits", "its edits"),
    ):
        _numbered(verbs, name, what).set_defaults(run=_LOOKS[name])
    for name, what in MOVES.items():
        _numbered(verbs, name, what).set_defaults(run=_move)
    for name, what in DECISIONS.items():
        decided = _numbered(verbs, name, what)
        decided.add_argument("--plan", help="hash of the plan that you saw, or its beginning")
        decided.add_argument("--comment", default="", required=name != "approve")
        decided.set_defaults(run=_decide)
    revise = _numbered(verbs, "revise", "replace its edits by what differs in files")
    revise.add_argument(*("-f", "--file"), type=Path, action="append", required=True, dest="files")
    revise.set_defaults(run=_revise)
    wait = _numbered(verbs, "wait", "until it has ended, or is where you say")
    wait.add_argument("--for", dest="states", action="append", metavar="STATE")
    wait.add_argument("--timeout", type=float, metavar="SECONDS")
    wait.set_defaults(run=_wait)


def _numbered(verbs: Any, name: str, what: str) -> ArgumentParser:
    parser: ArgumentParser = verbs.add_parser(name, help=what)
    parser.add_argument("number", type=int)
    return parser


def _list(session: Session, options: Namespace) -> int:
    query = {name: getattr(options, name) for name in ("state", "author") if getattr(options, name)}
    if options.needs_me:
        query["needs_me"] = "true"
    rows = list(session.rest.pages("/change-requests/", query, most=options.limit))
    return session.show_rows(NOUNS["change"].columns, rows)


def _show(session: Session, options: Namespace) -> int:
    return session.show(session.rest.get(f"/change-requests/{options.number}/"))


def _edits(session: Session, options: Namespace) -> int:
    return session.show(session.rest.get(f"/change-requests/{options.number}/edits/"))


def _plan(session: Session, options: Namespace) -> int:
    plan = session.rest.get(f"/change-requests/{options.number}/plan/")
    return session.tell("\n".join(_of_plan(plan)), plan)


def _difference(one: dict[str, Any]) -> Iterator[str]:
    """On one line, or what is gone above what comes."""
    was, now = one.get("was"), one.get("now")
    if not isinstance(was, list | dict) and not isinstance(now, list | dict):
        yield f"  {one['path']}: {text(was)} -> {text(now)}"
        return
    yield f"  {one['path']}:"
    for mark, value in (("-", was), ("+", now)):
        if value is not None:
            yield f"    {mark} {json.dumps(value, ensure_ascii=False)}"


_LOOKS = {"show": _show, "plan": _plan, "edits": _edits}


def _of_plan(plan: dict[str, Any]) -> Iterator[str]:
    """What somebody who decides wants to read, without the bytes."""
    yield f"Plan {plan['hash']}"
    where = ", ".join(f"{one['team']} in {one['environment']}" for one in plan["touches"])
    yield f"touches {where or 'no cluster'}; steps: {text(plan['counts'])}"
    yield ""
    yield from table(("state", "verdict", "cluster", "detail"), plan["checks"])
    for step in plan["steps"]:
        yield ""
        place = f"{step['namespace']}/{step['name']}".lstrip("/")
        yield f"{step['verb']} {step['kind']} {place} in {step['cluster']}"
        for one in step["takes"]:
            yield f"  by force: {one['path']} from {one['manager']}"
        for one in step["diff"]:
            yield from _difference(one)


def _move(session: Session, options: Namespace) -> int:
    address = f"/change-requests/{options.number}/"
    before = session.rest.get(address)
    change = session.rest.post(f"{address}{options.verb}/", version=before["version"])
    return session.tell(f"Change {options.number} is {change['state']}.", change)


def _revise(session: Session, options: Namespace) -> int:
    """With the documents of its own team, as `apply` reads them."""
    address = f"/change-requests/{options.number}/"
    change = session.rest.get(address)
    team = change["team"]
    given = [{**one, "team": one.get("team") or team} for one in documents.read(options.files)]
    if strange := sorted({one["team"] for one in given} - {team}):
        raise Failure(f"Change {options.number} is of {team}; these are of {', '.join(strange)}.")
    edits = [one.edit() for one in documents.compare(session, given) if one.verb]
    if not edits:
        raise Failure("Everything is as in the files already: nothing would be left to change.")
    change = session.rest.put(f"{address}edits/", {"edits": edits}, version=change["version"])
    text = f"Revised change {options.number}. Next: waybill change submit {options.number}"
    return session.tell(text, change)


def _decide(session: Session, options: Namespace) -> int:
    """On the plan as it is now, or on the one that was named: another one is refused."""
    address = f"/change-requests/{options.number}/"
    plan_hash = session.rest.get(f"{address}plan/")["hash"]
    if options.plan and not plan_hash.startswith(options.plan):
        raise Failure(
            f"The plan has moved on: you named {options.plan}, now it is {plan_hash}."
            f" Look at it: waybill change plan {options.number}",
            Exit.MOVED_ON,
        )
    body = {"plan_hash": plan_hash, "comment": options.comment}
    change = session.rest.post(f"{address}{options.verb}/", body)
    return session.tell(f"Change {options.number} is {change['state']}.", change)


def _wait(session: Session, options: Namespace) -> int:
    until = tuple(options.states or ("succeeded",))
    return follow(session, options.number, until=until, timeout=options.timeout)


def follow(session: Session, number: int, *, until: Collection[str], timeout: float | None) -> int:
    """Ask until the change is in one of those states, or rests in another one."""
    deadline = None if timeout is None else time.monotonic() + timeout
    pause, said = _FIRST_WAIT, ""
    while True:
        change = session.rest.get(f"/change-requests/{number}/")
        state = change["state"]
        if state in until:
            return session.tell(f"Change {number} is {state}.", change)
        if state in RESTING:
            raise Failure(_ended(change), Exit.ENDED_OTHERWISE)
        if deadline is not None and time.monotonic() > deadline:
            raise Failure(f"Change {number} is still {state}.", Exit.ENDED_OTHERWISE)
        if state != said:
            session.hint(f"Change {number} is {state} …")
            pause, said = _FIRST_WAIT, state
        session.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_WAIT)


def _ended(change: dict[str, Any]) -> str:
    problem = (change["problem"] or {}).get("detail", "")
    return f"Change {change['id']} is {change['state']}. {problem}".strip()
