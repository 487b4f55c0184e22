"""Roles and rules are recorded once for each time that they really change."""

from inference.accounts import roles
from inference.accounts.models import Membership, Team, User
from inference.audit.models import AuditEvent
from tests.conftest import NOON


def test_a_role_that_two_take_at_once_is_taken_once(chat: Team, admin: User, viewer: User) -> None:
    seen = [Membership.objects.get(user=viewer, environment="prod") for _ in range(2)]

    for membership in seen:
        roles.remove_role(membership=membership, by=admin, at=NOON)

    assert not Membership.objects.filter(user=viewer, environment="prod").exists()
    assert AuditEvent.objects.filter(verb="removed the role of").count() == 1


def test_the_audit_says_what_the_rule_of_eyes_was(platform: User) -> None:
    for one in (False, True, True, False):
        roles.set_eyes(environment="dev", one_pair_of_eyes=one, by=platform, at=NOON)

    events = AuditEvent.objects.filter(verb="set the rule of").order_by("sequence")
    assert [(event.before, event.after) for event in events] == [
        ('{"one_pair_of_eyes":false}', '{"one_pair_of_eyes":true}'),
        ('{"one_pair_of_eyes":true}', '{"one_pair_of_eyes":false}'),
    ]
