"""Who had a hand in a change: whoever edits or submits it, and whoever holds the robot's secret."""

from inference.accounts.models import Token, User
from inference.changes.models import ChangeRequest, Contributor


def contribute(change: ChangeRequest, by: User, token: Token | None) -> None:
    """Enter `by`; and of a robot, who issued the token: they know its text and could have used it.

    Without that, one person would propose as their robot and approve as themselves.
    """
    row, _ = Contributor.objects.get_or_create(change=change, user=by)
    if row.issued_token_id is not None:  # now by themselves as well
        Contributor.objects.filter(pk=row.pk).update(issued_token=None)
    issuer = token.issued_by_id if token is not None and by.is_robot else None
    if issuer is not None and issuer != by.pk:
        Contributor.objects.get_or_create(
            change=change, user_id=issuer, defaults={"issued_token": token}
        )
