"""What is sent about changes: edits as documents, and decisions that name the plan they saw."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from inference.api.shapes import Body, Line, Name, Prose
from inference.changes.edits import Proposal
from inference.definitions.specs import HardwarePoolSpec, RouteSpec, ServedModelSpec
from inference.errors import Invalid, Refusal
from inference.messages import api as messages
from inference.planning.takes import Take

PlanHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Reason = Annotated[Prose, StringConstraints(min_length=1)]

_SPECS = {
    "oneOf": [
        {"$ref": f"#/components/schemas/{spec.__name__}"}
        for spec in (HardwarePoolSpec, ServedModelSpec, RouteSpec)
    ],
    "description": "The document of the definition, whole; empty for a deletion.",
}


class TakeBody(Body):
    """One field of one object that the definition has made: `path` and `manager` as the live
    object names them. It is taken back by force when the change is pushed, from nobody else.
    """

    cluster: Name
    kind: Annotated[str, StringConstraints(min_length=1, max_length=63)]
    namespace: Annotated[str, StringConstraints(max_length=63)] = ""
    name: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    path: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    manager: Annotated[str, StringConstraints(min_length=1, max_length=128)]

    def read(self) -> Take:
        return Take(**self.model_dump() | {"path": self.path.removeprefix(".")})


class EditBody(Body):
    """One definition's part. An update or deletion names it, by id or by name; `generation` is
    the one that its author looked at. An exported document with a verb is an edit.
    """

    verb: Literal["create", "update", "delete"]
    kind: Literal["hardware-pool", "served-model", "route"]
    name: Annotated[str, StringConstraints(max_length=40)] = ""
    title: Line = ""
    id: Annotated[UUID, Field(strict=False)] | None = None
    generation: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    team: Name | None = None
    document: dict[str, Any] = {}
    takes: Annotated[list[TakeBody], Field(max_length=100)] = []


class Edits(Body):
    """They replace those of the revision before."""

    edits: Annotated[list[EditBody], Field(min_length=1, max_length=100)]


class NewChangeRequest(Edits):
    team: Name
    reason: Reason
    title: Line = ""


class Decision(Body):
    """`plan_hash` is of the plan that was looked at; another one is refused."""

    plan_hash: PlanHash
    comment: Prose = ""


class SendingBack(Body):
    """`comment` says what should be different."""

    plan_hash: PlanHash
    comment: Reason


def proposals(edits: Sequence[EditBody], team: str) -> list[Proposal]:
    """For an action. Raises Invalid for an edit that was exported from another team."""
    strange = {
        f"edits.{place}.team": [Refusal(messages.TEAM_DIFFERS, team=team)]
        for place, edit in enumerate(edits)
        if edit.team not in {None, team}
    }
    if strange:
        raise Invalid(messages.BODY_INVALID, fields=strange, count=len(strange))
    return [
        Proposal(
            verb=edit.verb,
            kind=edit.kind,
            name=edit.name,
            title=edit.title,
            id=edit.id,
            generation=edit.generation,
            document=edit.document,
            takes=[take.read() for take in edit.takes],
        )
        for edit in edits
    ]
