"""`waybill cluster`: connect, look at, hold and remove clusters; for platform engineers."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from console.cli.nouns import NOUNS
from console.cli.session import Session, read_text

MOVES = {
    "hold": "push nothing to it",
    "resume": "push again",
    "probe": "look at it now",
}


def add(commands: Any) -> None:
    cluster = commands.add_parser("cluster", help="clusters: connect, hold, rbac, remove")
    verbs = cluster.add_subparsers(dest="verb", required=True, metavar="verb")
    listed = verbs.add_parser("list", help="those that you may see")
    listed.set_defaults(run=_list)
    _named(verbs, "show", "one cluster").set_defaults(run=_show)
    _named(verbs, "capabilities", "what it serves").set_defaults(run=_capabilities)
    rbac = _named(verbs, "rbac", "the rights that Waybill needs there, for kubectl apply -f -")
    rbac.set_defaults(run=_rbac)
    connect = _named(verbs, "connect", "by a kubeconfig of Waybill's own account there")
    connect.add_argument("--environment", required=True, choices=("prod", "stage", "dev"))
    connect.add_argument("--title", default="")
    _credential(connect)
    connect.set_defaults(run=_connect)
    replace = _named(verbs, "replace-credential", "send a new one; the old one is forgotten")
    _credential(replace)
    replace.set_defaults(run=_replace)
    metrics = _named(verbs, "metrics", "where its numbers are asked for; without --url: nowhere")
    metrics.add_argument("--url", default="", help="of a Prometheus-compatible API")
    metrics.add_argument("--browser-url", default="", help="where people's browsers find the same")
    metrics.add_argument("--ca-file", type=Path, help="PEM; of an https address")
    metrics.add_argument("--token-file", type=Path, help="- is standard input")
    metrics.set_defaults(run=_metrics)
    for name, what in MOVES.items():
        _named(verbs, name, what).set_defaults(run=_move)
    _named(verbs, "remove", "forget it; what runs there stays").set_defaults(run=_remove)


def _named(verbs: Any, name: str, what: str) -> ArgumentParser:
    parser: ArgumentParser = verbs.add_parser(name, help=what)
    parser.add_argument("name")
    return parser


def _credential(parser: ArgumentParser) -> None:
    one = parser.add_mutually_exclusive_group(required=True)
    one.add_argument("--kubeconfig", type=Path, help="- is standard input")
    one.add_argument("--server", help="https://…; with --ca-file and --token-file")
    parser.add_argument("--context", help="of the kubeconfig, where it has several")
    parser.add_argument("--ca-file", type=Path, help="PEM")
    parser.add_argument("--token-file", type=Path, help="- is standard input")


def _list(session: Session, options: Namespace) -> int:
    del options
    return session.show_rows(NOUNS["cluster"].columns, list(session.rest.pages("/clusters/")))


def _show(session: Session, options: Namespace) -> int:
    return session.show(session.rest.get(_address(options)))


def _capabilities(session: Session, options: Namespace) -> int:
    return session.show(session.rest.get(f"{_address(options)}capabilities/"))


def _rbac(session: Session, options: Namespace) -> int:
    return session.say(session.rest.get_text(f"{_address(options)}rbac/").rstrip("\n"))


def _connect(session: Session, options: Namespace) -> int:
    body = {
        "name": options.name,
        "environment": options.environment,
        "title": options.title,
        **_sent(options),
    }
    cluster = session.rest.post("/clusters/", body)
    text = f"Cluster {options.name} is entered; waybill cluster show {options.name} tells more."
    return session.tell(text, cluster)


def _replace(session: Session, options: Namespace) -> int:
    cluster = _act(session, options, "replace-credential", _sent(options))
    return session.tell(f"The credential of cluster {options.name} is replaced.", cluster)


def _metrics(session: Session, options: Namespace) -> int:
    address = f"{_address(options)}metrics-source/"
    version = session.rest.get(_address(options))["version"]
    if not options.url:
        session.rest.delete(address, version=version)
        return session.tell(f"Cluster {options.name} has no metrics source any more.", None)
    body = {
        "url": options.url,
        "browser_url": options.browser_url,
        "ca_pem": read_text(options.ca_file) if options.ca_file else "",
        "token": read_text(options.token_file).strip() if options.token_file else "",
    }
    cluster = session.rest.put(address, body, version=version)
    return session.tell(f"Cluster {options.name} is asked at {options.url}.", cluster)


def _move(session: Session, options: Namespace) -> int:
    cluster = _act(session, options, options.verb, {})
    text = "is being looked at" if options.verb == "probe" else f"is {cluster['state']}"
    return session.tell(f"Cluster {options.name} {text}.", cluster)


def _remove(session: Session, options: Namespace) -> int:
    _act(session, options, "remove", {})
    return session.tell(f"Cluster {options.name} is removed; what runs there stays.", None)


def _act(session: Session, options: Namespace, verb: str, body: dict[str, Any]) -> Any:
    version = session.rest.get(_address(options))["version"]
    return session.rest.post(f"{_address(options)}{verb}/", body, version=version)


def _sent(options: Namespace) -> dict[str, Any]:
    if options.kubeconfig:
        sent: dict[str, Any] = {"kubeconfig": read_text(options.kubeconfig)}
        return sent | ({"context": options.context} if options.context else {})
    parts = {
        "server": options.server,
        "ca_pem": read_text(options.ca_file) if options.ca_file else "",
        "token": read_text(options.token_file).strip() if options.token_file else "",
    }
    return {"connection": parts}


def _address(options: Namespace) -> str:
    return NOUNS["cluster"].address(options.name)
