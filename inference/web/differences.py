"""What a change does to definitions: fields in words, and the same as YAML. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import Any

import yaml

from inference.definitions.models.definitions import Definition
from inference.planning.redaction import redacted
from inference.planning.takes import Take
from inference.web.counts import many
from inference.web.field_words import KINDS, measured, titled

Document = Mapping[str, Any]
_KEYS = {"placements": "pool", "members": "model", "adapters": "name", "environment": "name"}
"""Lists whose items people know by a name, and the field that holds it."""
_OWN_GROUP = {"placements": "Placement", "members": "Member"}
CONTEXT = 3


@dataclass(frozen=True)
class Field:
    """One line: `was` is empty where the definition is new."""

    label: str
    was: str
    now: str
    effect: str = ""
    is_gone: bool = False


@dataclass
class Group:
    """Fields of one thing; nothing was there before one that is new."""

    title: str
    fields: list[Field] = field(default_factory=list)
    is_new: bool = False


@dataclass(frozen=True)
class Line:
    """Of YAML: `look` is add, del, hunk or nothing."""

    look: str
    text: str


@dataclass(frozen=True)
class Edited:
    """One edit with the document before it, if there was one."""

    verb: str
    kind: str
    name: str
    before: Document
    after: Document
    takes: Sequence[Take] = ()


def whole(row: Definition, kind: str) -> list[Group]:
    """Every field of a definition as it is."""
    return groups(Edited("create", kind, row.name, {}, {"title": row.title, **row.document}))


def groups(edited: Edited) -> list[Group]:
    """Fields that differ, by the thing that they belong to."""
    noun = KINDS.get(edited.kind, edited.kind)
    if edited.verb == "delete":
        gone = Field("All of it", "there", "deleted", is_gone=True)
        return [Group(f"{noun}: {edited.name}", [gone])]
    before, after = (dict(_flat(redacted(dict(one)))) for one in (edited.before, edited.after))
    found: dict[str, Group] = {}
    for key in [*after, *(one for one in before if one not in after)]:
        was, now = before.get(key), after.get(key)
        if was == now or (not edited.before and now in (None, "", [], {}, False)):
            continue
        title = _title(noun, edited, key[0])
        group = found.setdefault(title, Group(title, is_new=not before))
        effect = _effect(key[1], was, now, edited)
        told = measured(key[1], was) if before else "", measured(key[1], now)
        group.fields.append(Field(titled(key[1]), *told, effect))
    return [*found.values(), *_taken(edited.takes)]


def _taken(takes: Sequence[Take]) -> list[Group]:
    """What is taken by force, by object. At which values, the plan says."""
    found: dict[str, Group] = {}
    for one in takes:
        title = f"Taken back by force: {one.kind} {one.name} in {one.cluster}"
        group = found.setdefault(title, Group(title))
        group.fields.append(Field(one.path, f"set by {one.manager}", "as defined here", "by force"))
    return list(found.values())


def yaml_lines(edited: Edited) -> list[Line]:
    """A unified diff of the documents, with a head that says of what."""
    head = Line("hunk", f"{KINDS.get(edited.kind, edited.kind)} {edited.name}  ·  {edited.verb}")
    old, new = (_yaml(one) for one in (edited.before, edited.after))
    lines = list(unified_diff(old, new, lineterm="", n=CONTEXT))[2:]
    return [head, *(_line(text) for text in lines)]


def manifest_lines(body: Document) -> list[Line]:
    """One manifest, as it would be sent."""
    return [Line("", text) for text in _yaml(redacted(dict(body)))]


def _line(text: str) -> Line:
    if text.startswith("@@"):
        return Line("hunk", "…")
    look = {"+": "add", "-": "del"}.get(text[:1], "")
    return Line(look, f"{text[:1]} {text[1:]}")


def _yaml(document: Document) -> list[str]:
    if not document:
        return []
    return yaml.safe_dump(redacted(dict(document)), sort_keys=False, width=100).splitlines()


def _flat(document: Document) -> Iterator[tuple[tuple[str, str], Any]]:
    """Pairs of group and path, with values that are shown on one line."""
    for key, value in document.items():
        if key in _KEYS and isinstance(value, list):
            for item in value:
                yield from _item(key, item)
        else:
            yield from _leaves("", key, value)


def _item(key: str, item: Document) -> Iterator[tuple[tuple[str, str], Any]]:
    name = str(item.get(_KEYS[key], ""))
    if key == "members":
        name = f"{name} on {item.get('pool', '')}"
    rest = {part: one for part, one in item.items() if part not in {"id", _KEYS[key]}}
    if key == "members":
        rest.pop("pool", None)
    if key in _OWN_GROUP:
        for part, one in rest.items():
            yield from _leaves(f"{_OWN_GROUP[key]} {name}", part, one)
    else:
        yield ("", f"{key}.{name}"), rest if len(rest) > 1 else next(iter(rest.values()), name)


def _leaves(group: str, path: str, value: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from _leaves(group, f"{path}.{key}", one)
    else:
        yield (group, path), value


def _title(noun: str, edited: Edited, group: str) -> str:
    new = "New " if edited.verb == "create" else ""
    whole = f"{noun}: {edited.name}"
    if group:
        return f"{group.split(maxsplit=1)[0]}: {edited.name}, {group.partition(' ')[2]}"
    return f"{new}{whole[0].lower()}{whole[1:]}" if new else whole


def _effect(path: str, was: Any, now: Any, edited: Edited) -> str:
    """What follows, where it can be counted from the documents alone."""
    if path == "replicas" and isinstance(now, int):
        per_replica = _devices(edited.after)
        more = (now - (was if isinstance(was, int) else 0)) * per_replica
        return f"{more:+d} {'accelerator' if abs(more) == 1 else many('accelerator')}"
    if was == now == "•••":
        return "the value is hidden"
    return ""


def _devices(document: Document) -> int:
    parts = document.get("parallelism") or {}
    found = 1
    for name in ("tensor", "pipeline", "data"):
        found *= int(parts.get(name) or 1)
    return found
