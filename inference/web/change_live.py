"""What is live about a change: its way, told to each reader; its pushes, the same for all."""

from functools import partial

from django.template.loader import render_to_string
from django.utils.html import format_html

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.changes.visibility import Reach, reach, visible
from inference.live import Feed, topic
from inference.web.change_answers import WORDS, progress_of
from inference.web.change_arrival import arrival_of, seen_by
from inference.web.change_clusters import parts_of, total
from inference.web.change_faults import faults_of
from inference.web.change_lists import for_page
from inference.web.change_stops import stops_of
from inference.web.deciders import deciders_of
from inference.web.live_state import live_state_of, seen_of
from inference.web.streams import Live, live
from inference.web.verdicts import red_of, verdicts_of

State = ChangeRequest.State
CHANGE, DELIVERY, ARRIVAL = "change-request", "delivery", "arrival"
PUSHES, FAULTS, PROGRESS = "deliveries", "faults", "progress"
"""The `id` of each part: what became of objects, what was met, and how many of them are there."""
ROLLOUT, STOPS, LIVE_STATE = "arrival", "stops", "live-state"
"""What has come up, how far all of it is, and whether the plan is of what is there."""


def live_of(change: ChangeRequest) -> Live:
    names = (f"{kind}:{change.pk}" for kind in (CHANGE, DELIVERY, ARRIVAL))
    return live(*names, parts=(PUSHES, FAULTS, PROGRESS, ROLLOUT, STOPS, LIVE_STATE))


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
    whose = reach(user, change)
    show = partial(_pushes, change.pk, whose)
    return Feed(follows={f"{DELIVERY}:{key}"}, show=show, audience=_audience(whose))


@topic(ARRIVAL)
def arrival(user: User, key: str) -> Feed | None:
    """What is to be seen of it in clusters is known when the push has started."""
    change = _find(user, key)
    if change is None:
        return None
    own = {f"{CHANGE}:{key}", f"{DELIVERY}:{key}"}
    also = partial(_seen, change.pk)
    whose = reach(user, change)
    show = partial(_arrival, change.pk, whose)
    return Feed(follows=own | also(), show=show, also=also, audience=_audience(whose))


def _audience(whose: Reach) -> str:
    """One for all who see the whole change; one for each set of teams that are merely reached."""
    return "" if whose is None else ",".join(sorted(str(one) for one in whose))


def _seen(number: int) -> set[str]:
    change = _change(number)
    return seen_by(change) if change.started_at is not None else seen_of(change)


def _find(user: User, key: str) -> ChangeRequest | None:
    return visible(user).filter(pk=key).first()


def _change(number: int) -> ChangeRequest:
    return for_page(ChangeRequest.objects.all()).get(pk=number)


def _pushes(number: int, whose: Reach) -> dict[str, str]:
    change = _change(number)
    parts = parts_of(change, whose)
    if not parts:
        return {}
    context = {
        "change": change,
        "parts": parts,
        "objects": total(parts),
        "faults": faults_of(change, parts, whose),
    }
    return {
        PUSHES: render_to_string("change_requests/clusters.html", context),
        FAULTS: render_to_string("change_requests/faults.html", context),
        PROGRESS: format_html('<span id="progress">{}</span>', progress_of(change, parts)),
    }


def _arrival(number: int, whose: Reach) -> dict[str, str]:
    change = _change(number)
    found = arrival_of(change, whose)
    deciders, parts = deciders_of(change, change.author), parts_of(change, whose)
    red = red_of(change, verdicts_of(change)) if change.state == State.IN_REVIEW else None
    way = stops_of(change, deciders, parts, found, red)
    context = {"arrival": found, "stops": way, "is_red": bool(red)}
    context["word"] = WORDS[State(change.state)]
    shown: dict[str, str] = {
        ROLLOUT: render_to_string("change_requests/arrival.html", context),
        STOPS: render_to_string("change_requests/stops.html", context),
    }
    live_state = live_state_of(change)
    if live_state is not None:
        shown[LIVE_STATE] = render_to_string(
            "change_requests/live_state.html", {"live_state": live_state}
        )
    return shown
