"""From a revision to a plan, where the world is not as it was."""

from functools import partial
from typing import Never

import pytest
import structlog
from django.db import InterfaceError, InternalError, OperationalError

from inference.accounts.models import Team, User
from inference.changes import actions, planning, tasks
from inference.changes.models import ChangeRequest
from inference.changes.visibility import needs
from inference.clusters.client.errors import ClusterUnavailable, Unavailable
from inference.clusters.models import Cluster
from inference.definitions.models import Route
from inference.errors import Refusal
from inference.messages import sentence
from inference.outbox.models import OutboxEntry
from inference.outbox.running import run
from tests.api.house import furnish
from tests.changes.asking import altered, asked_for, placed_anew
from tests.conftest import NOON
from tests.factories.accounts import TeamFactory


def silent(cluster: Cluster) -> Never:
    raise ClusterUnavailable(Unavailable.UNREACHABLE, cluster=cluster.name)


def test_what_is_left_in_a_cluster_that_was_removed_hinders_no_plan(
    chat: Team, author: User
) -> None:
    old, new = furnish(chat, author), furnish(chat, author, 1)
    Route.objects.filter(pk=old.route.pk).delete()
    Cluster.objects.filter(pk=old.cluster.pk).update(state="removed", removed_at=NOON)
    change = asked_for(placed_anew(old.model, new.pool), chat, author, "it moves")
    change = actions.submit(change=change, version=change.version, by=author, at=NOON)

    planned = planning.make(change, connect=silent, at=NOON)

    assert planned.state == ChangeRequest.State.IN_REVIEW
    assert planned.plan
    (touch,) = planned.plan.touches.all()
    assert (touch.team, touch.environment) == (chat, new.cluster.environment)


def submitted(chat: Team, author: User) -> ChangeRequest:
    house = furnish(chat, author)
    change = asked_for(placed_anew(house.model, house.pool), chat, author, "it grows")
    return actions.submit(change=change, version=change.version, by=author, at=NOON)


def test_a_team_that_went_away_since_the_draft_is_told_by_planning(
    chat: Team, author: User
) -> None:
    house = furnish(chat, author)
    gone = TeamFactory.create(name="gone")
    change = asked_for(altered(house.pool, teams=["gone"]), chat, author, "lent")
    gone.delete()
    change = actions.submit(change=change, version=change.version, by=author, at=NOON)

    with pytest.raises(Refusal, match="no team gone"):
        planning.make(change, connect=silent, at=NOON)


def test_what_nobody_expected_gives_a_change_back_and_is_written_down_once(
    chat: Team, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = submitted(chat, author)
    monkeypatch.setattr(tasks, "connect", broken)

    with structlog.testing.capture_logs() as logs:
        assert run("changes.plan", str(change.pk))

    change.refresh_from_db()
    [told] = [one for one in logs if one["log_level"] == "error"]
    assert change.state == ChangeRequest.State.DRAFT
    assert (told["event"], told["change"]) == ("planning-failed", change.pk)
    assert told["incident"] in sentence(change.problem_code, change.problem_params)
    assert "hunter2" not in str(change.problem_params)
    assert not OutboxEntry.objects.filter(topic="changes.plan").exists()
    assert change in ChangeRequest.objects.filter(needs(author))

    monkeypatch.setattr(tasks, "connect", silent)
    actions.submit(change=change, version=change.version, by=author, at=NOON)
    run("changes.plan", str(change.pk))
    change.refresh_from_db()
    assert (change.state, change.problem_code) == (ChangeRequest.State.IN_REVIEW, "")


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, InternalError])
def test_a_change_waits_for_a_database_that_is_away(
    chat: Team, author: User, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """PostgreSQL calls it internal when a primary has become a standby, and takes no writes."""
    change = submitted(chat, author)
    monkeypatch.setattr(tasks, "connect", partial(away, error))

    run("changes.plan", str(change.pk))

    change.refresh_from_db()
    assert change.state == ChangeRequest.State.PLANNING
    assert OutboxEntry.objects.filter(topic="changes.plan", claimed_until=None).exists()


def broken(cluster: Cluster) -> Never:
    raise RuntimeError(f"no such thing at {cluster.name}, password hunter2")


def away(error: type[Exception], cluster: Cluster) -> Never:
    raise error(cluster.name)
