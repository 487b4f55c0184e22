"""What is live about a change: its way, told to each reader; its pushes, the same for all."""

from functools import partial

from django.template.loader import render_to_string

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.changes.visibility import visible
from inference.live import Feed, topic
from inference.web.change_clusters import parts_of, total
from inference.web.streams import Live, live

CHANGE, DELIVERY = "change-request", "delivery"
PUSHES = "deliveries"
"""The `id` of the part that shows what became of objects, cluster by cluster."""


def live_of(change: ChangeRequest) -> Live:
    return live(f"{CHANGE}:{change.pk}", f"{DELIVERY}:{change.pk}")


@topic(CHANGE)
def change_request(user: User, key: str) -> Feed | None:
    """Who may do what differs from reader to reader: each asks for the page's content anew."""
    if _find(user, key) is None:
        return None
    return Feed(follows={f"{CHANGE}:{key}"}, tells=True)


@topic(DELIVERY)
def delivery(user: User, key: str) -> Feed | None:
    change = _find(user, key)
    if change is None:
        return None
    return Feed(follows={f"{DELIVERY}:{key}"}, show=partial(_pushes, change.pk))


def _find(user: User, key: str) -> ChangeRequest | None:
    return visible(user).filter(pk=key).first()


def _pushes(number: int) -> dict[str, str]:
    change = ChangeRequest.objects.select_related("plan").get(pk=number)
    parts = parts_of(change)
    if not parts:
        return {}
    context = {"change": change, "parts": parts, "objects": total(parts)}
    return {PUSHES: render_to_string("change_requests/clusters.html", context)}
