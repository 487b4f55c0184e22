"""What a team asks for of the house that is there already."""

from typing import Any

from inference.accounts.models import Team, User
from inference.changes import actions
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest
from inference.definitions.models import HardwarePool, ServedModel
from tests.api.house import model_document
from tests.conftest import NOON


def placed_anew(model: ServedModel, pool: HardwarePool) -> Proposal:
    """The placement on `pool` takes the place of those that the model has."""
    document = model_document(pool.name)
    return Proposal(verb="update", kind="served-model", name=model.name, document=document)


def altered(pool: HardwarePool, **fields: Any) -> Proposal:
    document = {**pool.document, **fields}
    return Proposal(verb="update", kind="hardware-pool", name=pool.name, document=document)


def asked_for(edit: Proposal, team: Team, by: User, reason: str) -> ChangeRequest:
    return actions.draft(team=team, title="", reason=reason, edits=[edit], by=by, at=NOON)
