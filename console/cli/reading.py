"""`list` and `get`: whatever the reader may see, of any noun."""

from argparse import Namespace
from typing import Any

from console.cli.failures import Failure
from console.cli.nouns import DEFINITIONS, NOUNS, Noun, noun_of
from console.cli.session import Session


def add(commands: Any) -> None:
    nouns = f"nouns: {', '.join(NOUNS)}"
    listed = commands.add_parser("list", help="what there is of a noun", epilog=nouns)
    listed.add_argument("noun")
    listed.add_argument("filters", nargs="*", metavar="filter=value")
    listed.add_argument("--limit", type=int, default=200, help="at most so many (default 200)")
    listed.set_defaults(run=_list)
    got = commands.add_parser("get", help="one or some of a noun, whole", epilog=nouns)
    got.add_argument("noun")
    got.add_argument("names", nargs="+", metavar="name")
    got.set_defaults(run=_get)


def _list(session: Session, options: Namespace) -> int:
    noun = NOUNS[_known(options.noun)]
    query = {}
    for one in options.filters:
        name, equals, value = one.partition("=")
        if not equals:
            raise Failure(f"{one!r} is no filter such as team=chat.")
        query[name] = value
    rows = list(session.rest.pages(f"/{noun.path}/", query, most=options.limit + 1))
    if len(rows) > options.limit:
        session.hint(f"There are more than {options.limit}; --limit shows more.")
    return session.show_rows(noun.columns, rows[: options.limit])


def _get(session: Session, options: Namespace) -> int:
    name = _known(options.noun)
    noun = NOUNS[name]
    if not noun.key:
        raise Failure(f"There are only lists of {noun.path}: waybill list {name}")
    found = [session.rest.get(_address(session, name, noun, given)) for given in options.names]
    return session.show(found[0] if len(found) == 1 else found)


def _address(session: Session, name: str, noun: Noun, given: str) -> str:
    """A definition that is named without its team is of the asker's."""
    if name in DEFINITIONS and "/" not in given:
        given = f"{session.team}/{given}"
    return noun.address(given)


def _known(word: str) -> str:
    try:
        return noun_of(word)
    except ValueError:
        raise Failure(f"There is no noun {word}; there are {', '.join(NOUNS)}.") from None
