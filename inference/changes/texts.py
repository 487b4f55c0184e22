"""What people write about a change: it is read by those who decide, so it is what it seems."""

import re
from collections.abc import Sequence

from inference.changes.models import Edit
from inference.definitions.fields import LINE, PROSE
from inference.errors import Invalid, Refusal
from inference.messages import definitions as messages

LONGEST_LINE = 200
LONGEST_PROSE = 4000


def check_line(path: str, text: str) -> None:
    """A title. Raises Invalid at `path`."""
    _check(path, text, LONGEST_LINE, LINE)


def check_prose(path: str, text: str) -> None:
    """A reason or a comment. Raises Invalid at `path`."""
    _check(path, text, LONGEST_PROSE, PROSE)


def title_of(edits: Sequence[Edit]) -> str:
    """What a change is called that nobody gave a title."""
    kind = edits[0].definition_kind.replace("-", " ")
    first = f"{edits[0].verb.capitalize()} {kind} {edits[0].name}"
    return first if len(edits) == 1 else f"{first} and {len(edits) - 1} more"


def _check(path: str, text: str, longest: int, form: str) -> None:
    refusal = None
    if len(text) > longest:
        refusal = Refusal(
            messages.FIELD_LENGTH, relation="at most", limit=longest, unit="characters"
        )
    elif not re.fullmatch(form, text):
        refusal = Refusal(messages.FIELD_PATTERN, form="printable text")
    if refusal:
        raise Invalid(refusal.message, fields={path: [refusal]}, **refusal.params)
