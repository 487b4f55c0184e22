"""Which fields an edit takes back by force: of its own definition's objects alone."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from inference.changes.models import Edit
from inference.clusters.models import Inventory
from inference.errors import Invalid, Refusal
from inference.field_sets import MANAGER
from inference.messages import changes as messages
from inference.planning.takes import Take


def accepted(edit: Edit, takes: Sequence[Take]) -> list[dict[str, Any]]:
    """As they are stored. Raises Invalid for what is no object that Waybill made for it."""
    if not takes:
        return []
    if edit.verb != Edit.Verb.UPDATE:
        raise Invalid(messages.TAKES_WITHOUT_UPDATE)
    made = set(
        Inventory.objects.filter(
            definition_id=edit.definition_id, team=edit.team, deleted_at__isnull=True
        ).values_list("cluster__name", "kind", "namespace", "name")
    )
    fields: dict[str, list[Refusal]] = {}
    for place, one in enumerate(takes):
        if (one.cluster, one.kind, one.namespace, one.name) not in made:
            params = {"object": f"{one.kind} {one.namespace}/{one.name}", "cluster": one.cluster}
            fields[f"takes.{place}"] = [Refusal(messages.TAKES_FROM_ELSEWHERE, **params)]
        elif one.manager == MANAGER:
            fields[f"takes.{place}.manager"] = [Refusal(messages.TAKES_FROM_ITSELF)]
    if fields:
        raise Invalid(messages.EDIT_INVALID, fields=fields, count=len(fields))
    return [asdict(one) for one in sorted(set(takes))]


def taken_by(edit: Edit) -> list[Take]:
    return [Take(**one) for one in edit.takes]
