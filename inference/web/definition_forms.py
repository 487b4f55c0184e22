"""Forms that draft changes: what was typed becomes a document, and nothing of it is lost. Pure.

A form validates nothing by itself: the spec of the definition does, for every door alike, and each
of its refusals is shown at the field that it names.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from inference.web.field_words import label, words

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_PLACE = re.compile(r"[0-9]{1,3}")

Sent = Mapping[str, str]
Errors = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Question:
    """One field. `path` is dotted, as refusals name it; `kind` is how it is asked."""

    path: str
    kind: str = "text"  # text, number, choice, lines
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Rows:
    """A list of parts, each with the same questions. A row without its first answer is dropped."""

    path: str
    title: str
    questions: tuple[Question, ...]
    spare: int = 1


@dataclass(frozen=True)
class Asked:
    """A question with its answer as it stands on the page."""

    name: str
    label: str
    kind: str
    value: str
    now: str
    help: str
    choices: tuple[tuple[str, str], ...]
    errors: tuple[str, ...]
    optional: bool
    differs: bool
    """Whether the definition has something else there now."""


@dataclass(frozen=True)
class Block:
    """Questions that stand together; `rows` where there are several of a kind."""

    title: str
    asked: tuple[Asked, ...] = ()
    rows: tuple[tuple[Asked, ...], ...] = field(default=())


@dataclass(frozen=True)
class Filled:
    """What was sent stands in the form, else what is proposed; `now` is the definition as it is."""

    now: Mapping[str, Any]
    proposed: Mapping[str, Any]
    sent: Sent | None = None
    errors: Errors = field(default_factory=dict)

    def value_of(self, name: str) -> str:
        return self.sent.get(name, "") if self.sent is not None else typed(get(self.proposed, name))


def blocks(
    parts: Iterable[tuple[str, Sequence[Question]] | Rows],
    filled: Filled,
) -> list[Block]:
    """The form, with what stands in it."""
    found = []
    for part in parts:
        if isinstance(part, Rows):
            found.append(_rows(part, filled))
        else:
            title, questions = part
            found.append(Block(title, tuple(_asked(one, one.path, filled) for one in questions)))
    return found


def _rows(part: Rows, filled: Filled) -> Block:
    count = len(filled.proposed.get(part.path) or []) + part.spare
    if filled.sent is not None:
        count = max(count, _sent_rows(part, filled.sent))
    rows = tuple(
        tuple(_asked(one, f"{part.path}.{place}.{one.path}", filled) for one in part.questions)
        for place in range(count)
    )
    return Block(part.title, rows=rows)


def _asked(question: Question, name: str, filled: Filled) -> Asked:
    now, value = get(filled.now, name), filled.value_of(name)
    return Asked(
        name=name,
        label=label(question.path),
        kind=question.kind,
        value=value,
        now=words(now) if now not in (None, "", []) else "",
        help=question.help,
        choices=_with(question.choices, value),
        errors=_errors(filled.errors, name, question.kind, value),
        optional=question.optional,
        differs=value != typed(now),
    )


def _errors(errors: Errors, name: str, kind: str, value: str) -> tuple[str, ...]:
    """Those of the field, and where it has lines, those of each by its number as it was typed."""
    found = list(errors.get(name, ()))
    if kind != "lines":
        return tuple(found)
    lines = [line for line, text in enumerate(value.splitlines(), 1) if text.strip()]
    for path, texts in errors.items():
        place = place_of(path, name)
        if place is not None:
            line = lines[place] if place < len(lines) else place + 1
            found += [f"Line {line}: {text}" for text in texts]
    return tuple(found)


def place_of(path: str, name: str) -> int | None:
    """Which of the values of the field `name` is at `path`; None where it is none of them."""
    field, _, place = path.rpartition(".")
    return int(place) if field == name and _PLACE.fullmatch(place) else None


def _with(choices: tuple[tuple[str, str], ...], value: str) -> tuple[tuple[str, str], ...]:
    """What is chosen can be chosen: it may be made by another edit of the same change."""
    known = not choices or value in {one for one, _ in choices}
    return choices if known else (*choices, (value, value))


def document_of(
    parts: Iterable[tuple[str, Sequence[Question]] | Rows],
    document: Mapping[str, Any],
    sent: Sent,
) -> dict[str, Any]:
    """The document with the answers laid over it; what the form does not ask stays."""
    made = deepcopy(dict(document))
    for part in parts:
        if isinstance(part, Rows):
            _put_rows(made, part, sent)
        else:
            for question in part[1]:
                _put(made, question.path.split("."), _value(question, sent.get(question.path, "")))
    return made


def _put_rows(made: dict[str, Any], part: Rows, sent: Sent) -> None:
    old = made.get(part.path) or []
    rows = []
    for place in range(_sent_rows(part, sent)):
        prefix = f"{part.path}.{place}."
        if not sent.get(prefix + part.questions[0].path, "").strip():
            continue
        row: dict[str, Any] = deepcopy(old[place]) if place < len(old) else {}
        for question in part.questions:
            answer = _value(question, sent.get(prefix + question.path, ""))
            _put(row, question.path.split("."), answer)
        rows.append(row)
    made[part.path] = rows


def _sent_rows(part: Rows, sent: Sent) -> int:
    places = [
        int(place)
        for name in sent
        for path, _, rest in [name.partition(".")]
        for place in [rest.partition(".")[0]]
        if path == part.path and _PLACE.fullmatch(place)
    ]
    return min(max(places, default=-1) + 1, 60)


def _value(question: Question, answer: str) -> Any:
    """As the spec wants it. Text that is no number is handed on: the spec has words for it."""
    text = answer.strip()
    if question.kind == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if question.kind == "number" and text:
        bare = text.replace(",", "").replace(" ", "")
        return int(bare) if _WHOLE.fullmatch(bare) else text
    return None if not text and question.kind in {"number", "choice"} else text


def _put(made: dict[str, Any], path: list[str], value: Any) -> None:
    """None takes a field away, so that its default holds."""
    *parents, name = path
    inner = made
    for parent in parents:
        kept = inner.get(parent)
        inner[parent] = dict(kept) if isinstance(kept, dict) else {}
        inner = inner[parent]
    if value is None:
        inner.pop(name, None)
    else:
        inner[name] = value


def get(document: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; None where there is nothing."""
    found: Any = document
    for part in path.split("."):
        if isinstance(found, list):
            found = found[int(part)] if part.isdigit() and int(part) < len(found) else None
        elif isinstance(found, Mapping):
            found = found.get(part)
        else:
            return None
    return found


def typed(value: Any) -> str:
    """A value as it would be typed."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    return str(value)
