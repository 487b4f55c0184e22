"""Refusals as a form shows them: each at its field, the rest on top. Pure."""

import re
from collections.abc import Mapping, Sequence

from inference.errors import Invalid, Refusal
from inference.web.definition_forms import Asked, Block, place_of
from inference.web.field_words import label

OF_FORM = {"name", "title"}
_WHOLE = re.compile(r"edits\.\d+")
_ITEM = re.compile(r"^\w+\.\d+\.")


def errors_of(refusal: Refusal | None, place: int = 0) -> dict[str, list[str]]:
    """By the path within the edit at `place`; those of other edits by their whole path."""
    if not isinstance(refusal, Invalid):
        return {}
    return {
        path.removeprefix(f"edits.{place}."): [str(one) for one in found]
        for path, found in refusal.fields.items()
    }


def elsewhere(errors: Mapping[str, list[str]], parts: Sequence[Block]) -> list[tuple[str, str]]:
    """Those of no field in the form; what is wrong with an edit as a whole has no path."""
    asked = fields_of(parts)
    named = {one.name for one in asked} | OF_FORM
    listed = [one.name for one in asked if one.kind == "lines"]
    named |= {path for path in errors for name in listed if place_of(path, name) is not None}
    rest = [(path, text) for path, texts in errors.items() if path not in named for text in texts]
    return [("" if _WHOLE.fullmatch(path) else path, text) for path, text in rest]


def labelled(errors: Mapping[str, list[str]]) -> list[tuple[str, str, str]]:
    """Path, what its field is called, and what is wrong there; without these two, of the whole."""
    return [
        ("", "", text) if _WHOLE.fullmatch(path) else (path, label(_ITEM.sub("", path)), text)
        for path, texts in errors.items()
        for text in texts
    ]


def fields_of(parts: Sequence[Block]) -> list[Asked]:
    return [one for block in parts for row in (block.asked, *block.rows) for one in row]
