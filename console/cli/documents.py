"""Definitions as documents: read from files, laid beside what is there, made into edits."""

import difflib
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from console.cli.failures import Failure
from console.cli.nouns import DEFINITIONS, NOUNS
from console.cli.printing import to_yaml
from console.cli.rest import Rest
from console.cli.session import Session, read_text
from inference.clusters.client import safe_yaml
from inference.definitions.documents import document_of, parse
from inference.errors import Invalid

KEYS = ("kind", "team", "name", "title", "id", "generation", "document")
READ = (*KEYS, "takes")
"""Beside these, which fields an edit takes back by force; no export has them."""
TAKE = ("cluster", "kind", "namespace", "name", "path", "manager")
_BETWEEN = re.compile(r"^---(?:[ \t].*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Compared:
    """A document of a file, and the definition as it is now; None where there is none."""

    wanted: dict[str, Any]
    current: dict[str, Any] | None

    @property
    def verb(self) -> str:
        """`create`, `update`, or nothing. Taking fields back is an update of nothing else."""
        if self.current is None:
            return "create"
        same = all(self.wanted.get(key) == self.current[key] for key in ("title", "document"))
        return "" if same and not self.wanted.get("takes") else "update"

    @property
    def label(self) -> str:
        return f"{self.wanted['kind']} {self.wanted['team']}/{self.wanted['name']}"

    def diff(self) -> Iterator[str]:
        """Unified, as `diff -u` has it."""
        before = to_yaml(_comparable(self.current)) if self.current else ""
        after = to_yaml(_comparable(self.wanted))
        yield from difflib.unified_diff(
            before.splitlines(),
            after.splitlines(),
            f"now/{self.label}",
            f"file/{self.label}",
            lineterm="",
        )
        yield from (f"! takes back by force {_taken(one)}" for one in self.wanted.get("takes", ()))

    def edit(self) -> dict[str, Any]:
        return {"verb": self.verb, **{key: self.wanted[key] for key in READ if key in self.wanted}}


def exported(rest: Rest, kind: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Each definition of a kind as its export has it."""
    for row in rest.pages(f"/{NOUNS[kind].path}/", query):
        yield {"kind": kind, **{key: row[key] for key in KEYS[1:]}}


def read(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Every document of the files. Raises Failure with the file and what has to change there."""
    found = [one for path in paths for one in _of_file(path)]
    if not found:
        raise Failure("There is no document in these files.")
    return found


def compare(session: Session, documents: Sequence[dict[str, Any]]) -> list[Compared]:
    """In the order in which definitions refer to one another. One list for each kind and team."""
    owned = [{**one, "team": one.get("team") or session.team} for one in documents]
    names: dict[tuple[str, str], set[str]] = {}
    for one in owned:
        names.setdefault((one["kind"], one["team"]), set()).add(one["name"])
    now = {
        (kind, team, row["name"]): row
        for (kind, team), wanted in names.items()
        for row in exported(session.rest, kind, {"team": team} | _only(wanted))
    }
    made = []
    for given in sorted(owned, key=lambda one: DEFINITIONS.index(one["kind"])):
        current = now.get((given["kind"], given["team"], given["name"]))
        made.append(Compared(_whole(given, current), current))
    return made


def _only(names: set[str]) -> dict[str, str]:
    return {"name": next(iter(names))} if len(names) == 1 else {}


def _of_file(path: Path) -> Iterator[dict[str, Any]]:
    for number, text in enumerate(_BETWEEN.split(read_text(path)), start=1):
        try:
            value = safe_yaml.load(text)
        except Invalid as refusal:
            raise Failure(f"{path}, document {number}: {refusal}") from None
        if value is not None:
            yield _checked(value, f"{path}, document {number}")


def _checked(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Failure(f"{where}: this is no mapping with kind, name and document.")
    unknown = sorted(value.keys() - set(READ))
    if unknown:
        raise Failure(f"{where}: there is no field {', '.join(unknown)}; known: {', '.join(READ)}.")
    if value.get("kind") not in DEFINITIONS:
        raise Failure(f"{where}: kind is one of {', '.join(DEFINITIONS)}.")
    if not isinstance(value.get("name"), str) or not isinstance(value.get("document"), dict):
        raise Failure(f"{where}: a definition has a name and a document.")
    if not isinstance(value.get("team") or "", str):
        raise Failure(f"{where}: team is a text.")
    takes = value.get("takes", [])
    if not isinstance(takes, list) or not all(isinstance(one, dict) for one in takes):
        raise Failure(f"{where}: takes is a list of fields, each with {', '.join(TAKE)}.")
    return value


def _taken(one: dict[str, Any]) -> str:
    place = "/".join(str(one[key]) for key in ("namespace", "name") if one.get(key))
    field, kind, cluster, manager = (one.get(key) for key in ("path", "kind", "cluster", "manager"))
    return f"{field} of {kind} {place} in {cluster} from {manager}"


def _whole(given: dict[str, Any], current: dict[str, Any] | None) -> dict[str, Any]:
    """With its defaults, so that what was left out is no difference.

    What this release cannot read is left as it is: the server judges it.
    """
    document = _with_placement_ids(given["document"], current)
    with suppress(Invalid):
        document = document_of(parse(given["kind"], document))
    kept = {"id": current["id"], "title": current["title"]} if current else {"title": ""}
    return {**kept, **given, "document": document}


def _with_placement_ids(document: dict[str, Any], current: Any) -> dict[str, Any]:
    """A placement without an id keeps the one that it has on its pool, or gets a new one."""
    placements = document.get("placements")
    if not isinstance(placements, list):
        return document
    known = {
        one["pool"]: one["id"] for one in (current or {}).get("document", {}).get("placements", [])
    }
    filled = [
        {"id": known.get(str(one.get("pool"))) or str(uuid4()), **one}
        if isinstance(one, dict)
        else one
        for one in placements
    ]
    return {**document, "placements": filled}


def _comparable(definition: dict[str, Any] | None) -> dict[str, Any]:
    return {key: (definition or {}).get(key) for key in ("title", "document")}
