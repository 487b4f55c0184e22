"""From what a person sent to the edits of a revision, and from those to a proposed world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db.models import BigAutoField

from inference.accounts.models import NAME, Team
from inference.changes import taking
from inference.changes.models import Edit
from inference.changes.texts import check_line
from inference.compiled import Select, Slot
from inference.definitions.documents import document_of, parse
from inference.definitions.granting import team_faults
from inference.definitions.loading import load
from inference.definitions.models import HardwarePool, Placement, Route, ServedModel
from inference.definitions.nearby import load_nearby
from inference.definitions.references import faults, id_taken, users_of
from inference.definitions.world import Entry, World
from inference.definitions.writing import Tombstone
from inference.errors import Conflict, Invalid, Refusal
from inference.messages import changes as messages
from inference.messages import definitions as definition_messages
from inference.planning.takes import Take


@dataclass(frozen=True)
class Proposal:
    """One edit as it was sent. An update or deletion names its definition by id or by name.

    An update may take fields of the definition's objects back from those who hold them.
    """

    verb: str
    kind: str
    name: str = ""
    title: str = ""
    id: UUID | None = None
    generation: int | None = None
    document: Mapping[str, Any] = field(default_factory=dict)
    takes: Sequence[Take] = ()


@dataclass(frozen=True)
class Proposed:
    """The world with a revision laid over it, and what the revision is about."""

    before: World
    after: World
    put: tuple[Entry, ...]
    delete: tuple[Tombstone, ...]
    takes: tuple[Take, ...] = ()

    @property
    def edited(self) -> frozenset[UUID]:
        return frozenset({one.id for one in self.put} | {one.id for one in self.delete})

    @property
    def notices(self) -> list[str]:
        """What is announced when the edited definitions change."""
        put = [f"{entry.kind}:{entry.id}" for entry in self.put]
        return put + [f"{tombstone.kind}:{tombstone.id}" for tombstone in self.delete]


def accept(team: Team, proposals: Sequence[Proposal]) -> list[Edit]:
    """Unsaved edits, without a revision. Raises Invalid, each fault at `edits.<place>.<path>`."""
    if not proposals:
        raise Invalid(messages.NO_EDITS)
    world = load([team])
    fields: dict[str, list[Refusal]] = {}
    edits = []
    for place, proposal in enumerate(proposals):
        try:
            edits.append(_accept(world, team, place, proposal))
        except Invalid as refusal:
            inner = refusal.fields or {"": [refusal]}
            for path, found in inner.items():
                fields[f"edits.{place}.{path}".rstrip(".")] = found
    _check_once(edits)
    if not fields:
        fields = _reference_faults(world, edits) or _taken(edits)
    if fields:
        raise Invalid(messages.EDIT_INVALID, fields=fields, count=len(fields))
    return edits


def propose(revision_id: int) -> Proposed:
    """The world as it is, and as the revision would have it. Raises Conflict for lost updates."""
    return propose_edits(_edits(revision_id))


def propose_edits(edits: Sequence[Edit]) -> Proposed:
    """As `propose`, for edits that need no revision yet."""
    before = load({edit.team for edit in edits}, [edit.definition_id for edit in edits])
    return _proposed(edits, before)


def propose_nearby(revision_id: int) -> Proposed:
    """As `propose`, with no more of the world than judging and writing the edits takes."""
    edits = _edits(revision_id)
    put = [_entry(edit) for edit in edits if edit.verb != Edit.Verb.DELETE]
    gone = [
        (edit.definition_kind, edit.definition_id)
        for edit in edits
        if edit.verb == Edit.Verb.DELETE
    ]
    return _proposed(edits, load_nearby({edit.team for edit in edits}, put, gone))


_OF_A_REVISION = Select(
    lambda: (
        Edit.objects.filter(revision=Slot("revision", BigAutoField()))
        .select_related("team")
        .order_by("ordinal")
    )
)


def _edits(revision_id: int) -> list[Edit]:
    return _OF_A_REVISION.rows(revision=revision_id)


def _proposed(edits: Sequence[Edit], before: World) -> Proposed:
    put, delete = [], []
    for edit in edits:
        _check_base(before, edit)
        if edit.verb == Edit.Verb.DELETE:
            delete.append(
                Tombstone(edit.definition_kind, edit.definition_id, edit.name, edit.base_generation)
            )
        else:
            put.append(_entry(edit))
    after = before.with_edits(put, [one.id for one in delete])
    takes = tuple(sorted(take for edit in edits for take in taking.taken_by(edit)))
    return Proposed(before, after, tuple(put), tuple(delete), takes)


def reference_faults(proposed: Proposed) -> list[Refusal]:
    """What no longer resolves: judged again whenever a revision is planned."""
    strange = team_faults(proposed.put)
    found = [
        one
        for entry in proposed.put
        for _, one in (*faults(proposed.after, entry), *strange.get(entry.id, ()))
    ]
    for tombstone in proposed.delete:
        entry = proposed.before.entries.get(tombstone.id)
        users = users_of(proposed.after.with_edits([entry], []), entry) if entry else []
        if users:
            found.append(
                Refusal(definition_messages.STILL_USED, name=tombstone.name, users=", ".join(users))
            )
    return found


def _accept(world: World, team: Team, place: int, proposal: Proposal) -> Edit:
    if proposal.verb not in Edit.Verb.values:
        raise Invalid(messages.VERB_UNKNOWN, verb=proposal.verb)
    edit = Edit(
        ordinal=place,
        verb=proposal.verb,
        team=team,
        definition_kind=proposal.kind,
        definition_id=proposal.id or uuid4(),
        name=proposal.name,
    )
    if proposal.verb == Edit.Verb.CREATE:
        _check_name(proposal.name)
    if proposal.verb != Edit.Verb.DELETE:
        check_line("title", proposal.title)
        spec = parse(proposal.kind, proposal.document)
        edit.document = {"title": proposal.title, "spec": document_of(spec)}
    if proposal.verb != Edit.Verb.CREATE:
        current = _current(world, team, proposal)
        edit.definition_id, edit.name = current.id, current.name
        edit.base_generation = proposal.generation or current.generation
        if edit.base_generation != current.generation:
            raise Invalid(
                definition_messages.GENERATION_MOVED_ON,
                name=current.name,
                was=edit.base_generation,
                now=current.generation,
            )
    edit.takes = taking.accepted(edit, proposal.takes)
    return edit


def _check_name(name: str) -> None:
    try:
        NAME(name)
    except ValidationError:
        refusal = Refusal(definition_messages.NAME_FORM)
        raise Invalid(definition_messages.NAME_FORM, fields={"name": [refusal]}) from None


def _current(world: World, team: Team, proposal: Proposal) -> Entry:
    for entry in world.entries.values():
        named = proposal.id is None and entry.name == proposal.name
        ours = entry.kind == proposal.kind and entry.team == team.name
        if ours and (named or entry.id == proposal.id):
            return entry
    raise Invalid(definition_messages.DEFINITION_GONE, name=proposal.name or str(proposal.id))


def _check_once(edits: Sequence[Edit]) -> None:
    seen: set[UUID] = set()
    for edit in edits:
        if edit.definition_id in seen:
            raise Invalid(messages.EDITED_TWICE, name=edit.name)
        seen.add(edit.definition_id)


def _entry(edit: Edit) -> Entry:
    return Entry(
        id=edit.definition_id,
        kind=edit.definition_kind,
        team=edit.team.name,
        name=edit.name,
        title=edit.document.get("title", ""),
        generation=edit.base_generation,
        spec=parse(edit.definition_kind, edit.document["spec"]),
    )


def _reference_faults(world: World, edits: Sequence[Edit]) -> dict[str, list[Refusal]]:
    put = {edit.ordinal: _entry(edit) for edit in edits if edit.verb != Edit.Verb.DELETE}
    gone = [edit.definition_id for edit in edits if edit.verb == Edit.Verb.DELETE]
    after = world.with_edits(put.values(), gone)
    fields: dict[str, list[Refusal]] = {}
    strange = team_faults(put.values())
    for place, entry in put.items():
        for path, refusal in (*faults(after, entry), *strange.get(entry.id, ())):
            fields.setdefault(f"edits.{place}.{path}", []).append(refusal)
    for edit in edits:
        entry_now = world.entries.get(edit.definition_id)
        if edit.verb == Edit.Verb.DELETE and entry_now:
            users = users_of(after.with_edits([entry_now], []), entry_now)
            if users:
                refusal = Refusal(
                    definition_messages.STILL_USED, name=edit.name, users=", ".join(users)
                )
                fields[f"edits.{edit.ordinal}"] = [refusal]
    return fields


def _taken(edits: Sequence[Edit]) -> dict[str, list[Refusal]]:
    """Ids that belong to others, of any team, deleted ones included: history names them for ever.

    A change that takes one between this and its start is refused then, by the tables.
    """
    fields: dict[str, list[Refusal]] = {}
    created = {one.definition_id: one.ordinal for one in edits if one.verb == Edit.Verb.CREATE}
    for table in (HardwarePool, ServedModel, Route):
        for known in table.objects.filter(pk__in=created).values_list("pk", flat=True):
            refusal = Refusal(definition_messages.DEFINITION_ID_TAKEN, id=str(known))
            fields[f"edits.{created[known]}.id"] = [refusal]
    placed = {
        UUID(placement["id"]): (edit, f"edits.{edit.ordinal}.placements.{index}.id")
        for edit in edits
        for index, placement in enumerate(edit.document.get("spec", {}).get("placements", []))
    }
    for row in Placement.objects.filter(pk__in=placed).select_related("pool"):
        edit, path = placed[row.pk]
        if row.served_model_id != edit.definition_id:
            fields[path] = [id_taken(row.pk, row.pool.name)]
    return fields


def _check_base(world: World, edit: Edit) -> None:
    current = world.entries.get(edit.definition_id)
    now = current.generation if current else 0
    if edit.verb != Edit.Verb.CREATE and current is None:
        raise Conflict(definition_messages.DEFINITION_GONE, name=edit.name)
    if now != edit.base_generation:
        raise Conflict(
            definition_messages.GENERATION_MOVED_ON,
            name=edit.name,
            was=edit.base_generation,
            now=now,
        )
