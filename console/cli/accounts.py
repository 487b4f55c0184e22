"""`me`, `token`, `role`, and the things of a site that are entered and removed."""

from argparse import Namespace
from datetime import UTC, datetime, timedelta
from typing import Any

from console.cli.failures import Failure
from console.cli.nouns import NOUNS
from console.cli.session import Session

SCOPES = ("propose", "approve", "administer")
ENVIRONMENTS = ("prod", "stage", "dev")
ENTERED = {
    "team": ("name", "title"),
    "person": ("username", "name", "kind"),
    "grant": ("cluster", "team", "namespace", "pull_secret", "token_secret"),
    "gateway": ("cluster", "namespace", "name", "listener"),
    "egress-range": ("cidr", "reason"),
}
REMOVED = ("grant", "gateway", "egress-range")


def add(commands: Any) -> None:
    me = commands.add_parser("me", help="who you are here, and your roles")
    me.set_defaults(run=_me)
    _add_tokens(commands)
    role = commands.add_parser("role", help="give a person a role in a team, or take it away")
    role.add_argument("username")
    role.add_argument("role", choices=("viewer", "editor", "approver", "admin", "none"))
    role.add_argument(
        "--environment",
        action="append",
        choices=ENVIRONMENTS,
        help="all three without one; may be repeated",
    )
    role.set_defaults(run=_role)
    create = commands.add_parser(
        "create",
        help=f"enter a {', '.join(ENTERED)}",
        epilog="; ".join(f"{noun}: {' '.join(names)}" for noun, names in ENTERED.items()),
    )
    create.add_argument("noun", choices=tuple(ENTERED))
    create.add_argument("fields", nargs="+", metavar="field=value")
    create.set_defaults(run=_create)
    remove = commands.add_parser("remove", help=f"remove a {', '.join(REMOVED)} by its id")
    remove.add_argument("noun", choices=REMOVED)
    remove.add_argument("id")
    remove.set_defaults(run=_remove)


def _add_tokens(commands: Any) -> None:
    token = commands.add_parser("token", help="tokens: issue, list, revoke")
    verbs = token.add_subparsers(dest="verb", required=True, metavar="verb")
    verbs.add_parser("list", help="yours; all for platform").set_defaults(run=_tokens)
    issue = verbs.add_parser("issue", help="its text is shown once")
    issue.add_argument("name")
    issue.add_argument("--days", type=int, default=30, help="how long it holds (default 30)")
    issue.add_argument("--scope", action="append", choices=SCOPES, default=[], help="repeat")
    issue.add_argument("--owner", help="a robot; you without one")
    issue.set_defaults(run=_issue)
    revoke = verbs.add_parser("revoke", help="from the next request on")
    revoke.add_argument("id")
    revoke.set_defaults(run=_revoke)


def _me(session: Session, options: Namespace) -> int:
    del options
    return session.show(session.rest.get("/me/"))


def _tokens(session: Session, options: Namespace) -> int:
    del options
    return session.show_rows(NOUNS["token"].columns, list(session.rest.pages("/tokens/")))


def _issue(session: Session, options: Namespace) -> int:
    body: dict[str, Any] = {
        "name": options.name,
        "expires_at": (datetime.now(UTC) + timedelta(days=options.days)).isoformat(),
        **{f"may_{scope}": True for scope in options.scope},
    }
    if options.owner:
        body["owner"] = options.owner
    token = session.rest.post("/tokens/", body)
    return session.tell(token["secret"], token)


def _revoke(session: Session, options: Namespace) -> int:
    token = session.rest.post(f"{NOUNS['token'].address(options.id)}revoke/")
    return session.tell(f"Token {token['name']} is revoked.", token)


def _role(session: Session, options: Namespace) -> int:
    noun = NOUNS["membership"]
    given = []
    for environment in options.environment or ENVIRONMENTS:
        address = noun.address(f"{session.team}/{options.username}/{environment}")
        if options.role == "none":
            session.rest.delete(address)
        else:
            given.append(session.rest.put(address, {"role": options.role}))
    where = f"in team {session.team}"
    if options.role == "none":
        return session.tell(f"{options.username} has no role {where} any more.", given)
    return session.tell(f"{options.username} is {options.role} {where}.", given)


def _create(session: Session, options: Namespace) -> int:
    body = {}
    for one in options.fields:
        name, equals, value = one.partition("=")
        if not equals or name not in ENTERED[options.noun]:
            known = " ".join(f"{field}=…" for field in ENTERED[options.noun])
            raise Failure(f"{one!r} is no field of a {options.noun}; give {known}.")
        body[name] = value
    return session.show(session.rest.post(f"/{NOUNS[options.noun].path}/", body))


def _remove(session: Session, options: Namespace) -> int:
    address = NOUNS[options.noun].address(options.id)
    found = session.rest.get(address)
    session.rest.delete(address, version=found.get("version"))
    return session.tell(f"The {options.noun} {options.id} is removed.", None)
