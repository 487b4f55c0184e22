"""What is live about the inbox: its rows in their places, and what has come to it or left it."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from urllib.parse import parse_qsl, urlencode

from django.template.loader import render_to_string

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.changes.visibility import visible
from inference.live import Feed, topic
from inference.live.registry import LONGEST
from inference.web import counts
from inference.web.change_lists import for_page, narrowed, rows_of, views_of
from inference.web.lists import Sheet
from inference.web.streams import Live, live_rows

ROWS, NEWS = "change-request-rows", "change-request-news"
CHANGE = "change-request"
EVERY = 2.0
"""Seconds: whatever happens to any change is heard."""
BEYOND = 2**63
"""No row has such a number."""


def live_of(sheet: Sheet, view: str) -> Live:
    """As it was opened: these rows, of so many."""
    ids = _text([change.pk for change in sheet.rows])
    known = {key: value for key, value in sheet.filters.items() if value}
    news = urlencode({**known, "view": view, "was": sheet.total, "rows": ids})
    names = [f"{ROWS}:{ids}"] if ids else []
    return live_rows(*(one for one in [*names, f"{NEWS}:{news}"] if len(one) <= LONGEST))


@topic(ROWS)
def change_request_rows(user: User, key: str) -> Feed | None:
    """Raises ValueError for what no list has made."""
    wanted = set(_ids(key))
    found = visible(user).filter(pk__in=wanted)
    ids = sorted(found.values_list("pk", flat=True))
    if not ids:
        return None
    audience = "" if len(ids) == len(wanted) else _text(ids)
    return Feed({f"{CHANGE}:{one}" for one in ids}, partial(_rows, ids), audience)


@topic(NEWS)
def change_request_news(user: User, key: str) -> Feed | None:
    """What waits for a reader is theirs alone. Raises ValueError for what no list has made."""
    given = dict(parse_qsl(key))
    view, was = given.pop("view", ""), int(given.pop("was", ""))
    ids = _ids(given.pop("rows", ""))
    if view not in views_of(user):
        return None
    show = partial(_news, user, view, given, ids, was)
    return Feed({CHANGE}, show, str(user.pk), every=EVERY)


def _rows(ids: Collection[int]) -> dict[str, str]:
    changes = for_page(ChangeRequest.objects.filter(pk__in=ids))
    return {
        f"row-{row['change'].pk}": render_to_string("change_requests/row.html", {"row": row})
        for row in rows_of(list(changes))
    }


def _news(
    user: User, view: str, given: Mapping[str, str], ids: Sequence[int], was: int
) -> dict[str, str]:
    """Of a list of several pages, what has left another page makes less of what came."""
    rows = narrowed(user, given).filter(views_of(user)[view][1])
    left = len(ids) - rows.filter(pk__in=ids).count()
    came = max(0, rows.count() - (was - left))
    text = counts.moved(came, left, "change")
    return {"news": render_to_string("definitions/news.html", {"news": text})}


def _text(ids: Collection[int]) -> str:
    return ",".join(str(one) for one in ids)


def _ids(text: str) -> list[int]:
    ids = [int(one) for one in text.split(",")] if text else []
    if any(not 0 < one < BEYOND for one in ids):
        raise ValueError
    return ids
