"""From a revision to a plan, where the world is not as it was."""

from typing import Never

from inference.accounts.models import Team, User
from inference.changes import actions, planning
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest
from inference.clusters.client.errors import ClusterUnavailable, Unavailable
from inference.clusters.models import Cluster
from inference.definitions.models import Route
from tests.api.house import furnish, model_document
from tests.conftest import NOON


def silent(cluster: Cluster) -> Never:
    raise ClusterUnavailable(Unavailable.UNREACHABLE, cluster=cluster.name)


def test_what_is_left_in_a_cluster_that_was_removed_hinders_no_plan(
    chat: Team, author: User
) -> None:
    old, new = furnish(chat, author), furnish(chat, author, 1)
    Route.objects.filter(pk=old.route.pk).delete()
    Cluster.objects.filter(pk=old.cluster.pk).update(state="removed", removed_at=NOON)
    moved = Proposal(
        verb="update",
        kind="served-model",
        name=old.model.name,
        document=model_document(new.pool.name),
    )
    change = actions.draft(
        team=chat, title="", reason="it moves", edits=[moved], by=author, at=NOON
    )
    change = actions.submit(change=change, version=change.version, by=author, at=NOON)

    planned = planning.make(change, connect=silent, at=NOON)

    assert planned.state == ChangeRequest.State.IN_REVIEW
    assert planned.plan
    (touch,) = planned.plan.touches.all()
    assert (touch.team, touch.environment) == (chat, new.cluster.environment)
