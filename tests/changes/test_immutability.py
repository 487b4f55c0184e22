"""What a decision rests on cannot be altered around the code, nor can history be cut."""

import pytest
from django.db import DatabaseError, connection, models, transaction

from inference.accounts.models import User
from inference.audit import immutability
from inference.audit.models import AuditEvent
from inference.changes import triggers
from inference.changes.models import (
    Contributor,
    Decision,
    Edit,
    Plan,
    PlanCheck,
    PlanStep,
    PlanTouch,
    Revision,
)
from tests.conftest import NOON
from tests.factories.changes import decided, planned


@pytest.fixture
def with_triggers(db: None) -> None:
    """As the migration installs them; they go with the transaction of the test."""
    with connection.cursor() as cursor:
        immutability.install(connection.vendor, cursor.execute, triggers.HISTORY)
        triggers.install(connection.vendor, cursor.execute)


@pytest.fixture
def with_history(author: User, approver: User) -> None:
    decided(planned(author), approver)


TABLES = [Revision, Edit, Plan, PlanStep, PlanCheck, PlanTouch, Decision, AuditEvent]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_history_is_never_changed_or_deleted(
    with_history: None, with_triggers: None, table: type[models.Model]
) -> None:
    rows = table._default_manager.all()
    assert rows.exists()
    field = table._meta.pk.name

    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        rows.update(**{field: models.F(field)})
    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        rows._raw_delete(rows.db)


def test_a_contributor_does_not_decide_around_the_code(
    author: User, approver: User, with_triggers: None
) -> None:
    change = planned(author)
    Contributor.objects.create(change=change, user=approver)

    with pytest.raises(DatabaseError, match="had a hand"), transaction.atomic():
        decided(change, approver)


def test_the_author_does_not_decide_around_the_code(author: User) -> None:
    change = planned(author)
    plan = change.plan
    assert plan is not None

    with pytest.raises(DatabaseError, match="decision_has_four_eyes"), transaction.atomic():
        Decision.objects.create(
            plan=plan,
            plan_hash=plan.hash,
            plan_author=author,
            actor=author,
            sequence=1,
            verdict=Decision.Verdict.APPROVE,
            at=NOON,
        )
