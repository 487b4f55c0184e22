"""The edits of a change, each beside the document that it replaces."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from inference.changes.models import ChangeRequest, Edit
from inference.changes.taking import taken_by
from inference.definitions.documents import HARDWARE_POOL, ROUTE, SERVED_MODEL
from inference.definitions.models import HardwarePool, Route, ServedModel
from inference.definitions.models.definitions import Definition
from inference.web.differences import Edited

TABLES = {HARDWARE_POOL: HardwarePool, SERVED_MODEL: ServedModel, ROUTE: Route}
Known = dict[tuple[UUID, int], dict[str, Any]]
"""Documents by definition and generation."""


def edited_of(change: ChangeRequest) -> list[Edited]:
    """In the order of the revision. At most five queries."""
    if change.revision_id is None:
        return []
    return beside(list(Edit.objects.filter(revision=change.revision_id).order_by("ordinal")))


def beside(edits: Sequence[Edit]) -> list[Edited]:
    """Each with the document that it replaces, whether it is saved or not. At most four queries."""
    known = _before(edits)
    return [
        Edited(
            verb=edit.verb,
            kind=edit.definition_kind,
            name=edit.name,
            before=known.get((edit.definition_id, edit.base_generation), {}),
            after=_whole(edit.document),
            takes=taken_by(edit),
        )
        for edit in edits
    ]


def standing_of(edits: Sequence[Edit]) -> dict[UUID, Definition]:
    """The definitions that they are about, as they are now. At most three queries."""
    found: dict[UUID, Definition] = {}
    for kind, table in TABLES.items():
        ids = [one.definition_id for one in edits if one.definition_kind == kind]
        if ids:
            found |= {row.pk: row for row in table.objects.live().filter(pk__in=ids)}  # type: ignore[attr-defined]  # each has a manager
    return found


def _before(edits: Sequence[Edit]) -> Known:
    """From the rows where they are still at that generation, else from the edit that wrote it."""
    wanted = {(one.definition_id, one.base_generation) for one in edits if one.base_generation}
    known: Known = {}
    for kind, table in TABLES.items():
        ids = [one.definition_id for one in edits if one.definition_kind == kind]
        if ids:
            rows = table.objects.filter(pk__in=ids)  # type: ignore[attr-defined]  # each has a manager
            for pk, generation, title, document in rows.values_list(
                "pk", "generation", "title", "document"
            ):
                known[pk, generation] = {"title": title, **document}
    missing = wanted - known.keys()
    if missing:
        known |= _from_history(missing)
    return known


def _from_history(wanted: set[tuple[UUID, int]]) -> Known:
    """Generation n was written by the started edit that was made on generation n - 1."""
    condition = Q(pk__in=[])
    for definition, generation in wanted:
        condition |= Q(definition_id=definition, base_generation=generation - 1)
    rows = Edit.objects.filter(condition, revision__change__started_at__isnull=False)
    return {(one.definition_id, one.base_generation + 1): _whole(one.document) for one in rows}


def _whole(document: dict[str, Any]) -> dict[str, Any]:
    if not document:
        return {}
    return {"title": document.get("title", ""), **document.get("spec", {})}
