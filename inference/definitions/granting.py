"""Teams that hardware pools are granted to: a name that no team has would be dropped unseen."""

from collections.abc import Iterable
from uuid import UUID

from inference.accounts.models import Team
from inference.definitions.references import Fault
from inference.definitions.specs import HardwarePoolSpec
from inference.definitions.world import Entry
from inference.errors import Refusal
from inference.messages import definitions as messages


def team_faults(entries: Iterable[Entry]) -> dict[UUID, list[Fault]]:
    """By definition, each name at its place. One query; none where no pool names a team."""
    named = {
        entry.id: entry.spec.teams for entry in entries if isinstance(entry.spec, HardwarePoolSpec)
    }
    wanted = {name for names in named.values() for name in names}
    if not wanted:
        return {}
    known = set(Team.objects.filter(name__in=wanted).values_list("name", flat=True))
    return {
        definition: [
            (f"teams.{place}", Refusal(messages.TEAM_UNKNOWN, team=name))
            for place, name in enumerate(names)
            if name not in known
        ]
        for definition, names in named.items()
    }
