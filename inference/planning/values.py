"""What planning is given and what it makes, as frozen values. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from inference.errors import Refusal
from inference.manifests import Manifest, ObjectRef
from inference.messages import Message
from inference.planning.diffing import Change
from inference.planning.takes import Hold, Take


@dataclass(frozen=True, slots=True)
class Origin:
    """Which definition an object follows from."""

    cluster: str
    team: str
    definition_kind: str
    definition_id: UUID
    placement_id: UUID | None


@dataclass(frozen=True, slots=True)
class Seen:
    """One object that should be, and what its cluster said about it.

    `preview` is what a dry run answered, or `refusal` why there is none. `known_uid` is that of
    the inventory; empty when we never made the object. One that `waits_for` another, which the
    same plan makes, cannot be tried yet: its preview is what was rendered. Of the fields that
    others hold, the change asks for `takes`; `taken` are those that its preview needs force for,
    and for `contested` ones it has asked for none, so that there is no preview.
    """

    origin: Origin
    ref: ObjectRef
    phase: int
    body: str
    hash: str
    live: Manifest | None = None
    preview: Manifest | None = None
    refusal: Refusal | None = None
    known_uid: str = ""
    takes: tuple[Take, ...] = ()
    taken: tuple[Hold, ...] = ()
    contested: tuple[Hold, ...] = ()
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class Leftover:
    """One object of the inventory that no definition asks for any more."""

    origin: Origin
    ref: ObjectRef
    phase: int
    uid: str
    live: Manifest | None


@dataclass(frozen=True, slots=True)
class Step:
    """What would be done to one object."""

    origin: Origin
    verb: str
    ref: ObjectRef
    phase: int
    body: str = ""
    body_hash: str = ""
    uid: str = ""
    base_hash: str = ""
    seen_hash: str = ""
    taken: tuple[Hold, ...] = ()
    diff: tuple[Change, ...] = ()

    @property
    def force(self) -> bool:
        return bool(self.taken)

    @property
    def takes(self) -> list[dict[str, str]]:
        """Each field that is taken by force, as it is stored and hashed."""
        return [{"path": one.path, "manager": one.manager} for one in self.taken]


@dataclass(frozen=True, slots=True)
class Check:
    """One result, under one of the seven verdicts. `cluster` is empty for all of them, `team` where
    no object of one team alone is meant."""

    verdict: str
    state: str
    message: Message
    params: dict[str, Any]
    cluster: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A cluster that the plan would push to. `problem` is why it could not be asked, `inventory`
    how many objects each team has there. One that is connected anew has another `id`."""

    cluster: str
    identity: str
    environment: str
    id: str = ""
    problem: Refusal | None = None
    held: bool = False
    inventory: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan before it is a row. `contents` is the canonical text that `hash` is of."""

    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    contents: str
    hash: str

    @property
    def is_approvable(self) -> bool:
        return not any(check.state == "red" for check in self.checks)


def is_foreign(seen: Seen) -> bool:
    """It exists, and it is not the object that we made."""
    if seen.live is None:
        return False
    return bool(seen.live["metadata"].get("uid") != seen.known_uid)
