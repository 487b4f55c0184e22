"""Fields that others hold, as a form asks about them: which of them an edit takes back by force."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from inference.changes.models import ChangeRequest, Edit, PlanCheck
from inference.changes.taking import taken_by
from inference.manifests import digest
from inference.messages import planning as messages
from inference.planning.takes import Take

PREFIX = "take."


@dataclass(frozen=True)
class Asked:
    """One field, with the name of its box. `live` is empty where no plan has met it."""

    take: Take
    live: str
    is_taken: bool

    @property
    def name(self) -> str:
        return PREFIX + digest(asdict(self.take))[:16]


def asked_of(change: ChangeRequest, edit: Edit, sent: Mapping[str, str] | None) -> list[Asked]:
    """What the edit takes, and what its last plan has met besides. One query."""
    met = _met(change, edit) if edit.verb == Edit.Verb.UPDATE else {}
    stored = taken_by(edit)
    asked = [Asked(one, met.get(one, ""), one in stored) for one in sorted({*met, *stored})]
    if sent is None:
        return asked
    return [Asked(one.take, one.live, one.name in sent) for one in asked]


def taken(asked: Iterable[Asked]) -> list[Take]:
    return [one.take for one in asked if one.is_taken]


def _met(change: ChangeRequest, edit: Edit) -> dict[Take, str]:
    rows = PlanCheck.objects.filter(plan=change.plan_id, code=messages.FIELD_CONTESTED.code)
    found = {}
    for params in rows.values_list("params", flat=True):
        if params.get("definition") == str(edit.definition_id):
            kind, namespace, name = params["place"]
            cluster, path, manager = params["cluster"], params["field"], params["manager"]
            found[Take(cluster, kind, namespace, name, path, manager)] = params["live"]
    return found
