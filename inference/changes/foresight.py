"""What edits would do, for somebody who has not drafted them yet: nothing is written or asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.accounts.models import Team, User
from inference.changes import policies
from inference.changes.edits import Proposal, accept, propose_edits
from inference.changes.models import Edit
from inference.planning.foresight import Foreseen, foresee
from inference.rendering.worlds import render


@dataclass(frozen=True)
class Foresight:
    """`environments` by name of the cluster; `quorum` is how many approvals it would need."""

    edits: list[Edit]
    clusters: list[Foreseen]
    environments: dict[str, str]
    quorum: int
    one_pair_of_eyes: bool


def foresee_edits(team: Team, proposals: Sequence[Proposal], by: User) -> Foresight:
    """Costs the world of the team, and no request.

    Raises Invalid as `draft` does, each fault at its path, or with paths that begin at the model
    for what cannot be compiled; NotAllowed for who may not draft it.
    """
    policies.check_can_propose(team, by)
    edits = accept(team, proposals)
    proposed = propose_edits(edits)
    clusters = foresee(
        render(proposed.before, proposed.edited), render(proposed.after, proposed.edited)
    )
    facts = proposed.after.clusters
    environments = {one.cluster: facts[one.cluster].environment for one in clusters}
    return Foresight(
        edits=edits,
        clusters=clusters,
        environments=environments,
        quorum=policies.QUORUM,
        one_pair_of_eyes=policies.one_pair_of_eyes(set(environments.values())),
    )
