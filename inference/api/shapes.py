"""What bodies and answers look like: declared once, for validation, for queries, for OpenAPI."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from inference.definitions.documents import faults_of
from inference.definitions.fields import LINE, PROSE
from inference.errors import Invalid
from inference.messages import api as messages
from inference.messages import definitions as wording
from inference.messages import sentence

B = TypeVar("B", bound="Body")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")
Row = dict[str, Any]
"""One resource as it is answered: plain values under the names of its shape."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field of an answer is found, from the resource's table on."""

    path: str


@dataclass(frozen=True, slots=True)
class Made:
    """A field that the resource fills in after the query, for a whole page at once."""


class Shape(BaseModel):
    """An answer. Never filled in here: rows come from `.values_list()` by `columns_of`."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class Reason(Shape):
    """A code of ours with its sentence."""

    code: str
    detail: str
    params: dict[str, Any]


def reason(code: str, params: dict[str, Any] | None) -> Row | None:
    """None for an empty code: nothing is to be said."""
    if not code:
        return None
    return {"code": code, "detail": sentence(code, params), "params": params or {}}


class Body(BaseModel):
    """What may be sent: these fields and no others, each of its own type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Nothing(Body):
    """A body with nothing in it; it may be left out."""


@cache
def columns_of(shape: type[Shape]) -> dict[str, str]:
    """Field name to query path, for every field that a query answers."""
    columns = {}
    for name, field in shape.model_fields.items():
        if not any(isinstance(mark, Made) for mark in field.metadata):
            marks = [mark.path for mark in field.metadata if isinstance(mark, Column)]
            columns[name] = marks[0] if marks else name
    return columns


def take(body: type[B], sent: Any) -> B:
    """`sent` as a body. Raises Invalid with everything that is wrong, each at its path."""
    try:
        return body.model_validate(sent)
    except ValidationError as error:
        fields = faults_of(error)
        raise Invalid(messages.BODY_INVALID, fields=fields, count=len(fields)) from None


def _only_text(value: Any) -> Any:
    """Numbers are no times, in quotes or without."""
    if not (isinstance(value, str) and _DATE.match(value)):
        expected = "a time such as 2030-01-31T12:00:00Z"
        raise PydanticCustomError("field-type", wording.FIELD_TYPE.sentence, {"expected": expected})
    return value


Name = Annotated[
    str, StringConstraints(max_length=40, pattern=r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$")
]
Line = Annotated[str, StringConstraints(max_length=200, pattern=LINE)]
Prose = Annotated[str, StringConstraints(max_length=4000, pattern=PROSE)]
Moment = Annotated[AwareDatetime, BeforeValidator(_only_text), Field(strict=False)]
