"""Freezing edits into a revision: numbered, hashed, and with its author entered as contributor."""

from collections.abc import Sequence
from datetime import datetime

from inference.accounts.models import Token, User
from inference.changes.contributing import contribute
from inference.changes.models import ChangeRequest, Edit, Revision
from inference.manifests import digest


def write_revision(
    change: ChangeRequest,
    edits: Sequence[Edit],
    by: User,
    at: datetime,
    token: Token | None = None,
) -> None:
    number = change.revisions.count() + 1
    revision = Revision.objects.create(
        change=change, number=number, author=by, created_at=at, hash=digest(_canonical(edits))
    )
    for edit in edits:
        edit.revision = revision
    Edit.objects.bulk_create(edits)
    contribute(change, by, token)
    ChangeRequest.objects.filter(pk=change.pk).update(revision=revision)
    change.revision = revision


def _canonical(edits: Sequence[Edit]) -> list[dict[str, object]]:
    return [
        {
            "verb": edit.verb,
            "kind": edit.definition_kind,
            "id": str(edit.definition_id),
            "name": edit.name,
            "base": edit.base_generation,
            "document": edit.document,
            **({"takes": edit.takes} if edit.takes else {}),
        }
        for edit in edits
    ]
