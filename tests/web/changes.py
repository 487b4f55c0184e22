"""The pages of a change: their addresses, what is sent to them, and what became of it."""

from collections.abc import Callable

from django.test import Client

from inference.accounts.models import User
from inference.changes.models import ChangeRequest

Browse = Callable[[User | None], Client]
State = ChangeRequest.State


def address(change: ChangeRequest, deed: str = "") -> str:
    return f"/change-requests/{change.pk}/{deed}{'/' if deed else ''}"


def sent(change: ChangeRequest, comment: str = "") -> dict[str, str]:
    assert change.plan is not None
    return {"plan": change.plan.hash, "comment": comment}


def state_of(change: ChangeRequest) -> str:
    return ChangeRequest.objects.values_list("state", flat=True).get(pk=change.pk)
