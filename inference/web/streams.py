"""Which topics a page follows, as the addresses that its template names; and its live parts."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.template.loader import render_to_string

from inference.live import Feed, Parts
from inference.live.requests import NOW_PATH, STREAM_PATH

GONE = {"answer": "definitions/gone.html"}
"""All that is left of the page of something that was deleted."""


@dataclass(frozen=True)
class Live:
    """`stream` for the one stream of the page; `now` where streams do not get through.

    `parts`: a CSS selector of what they replace, which is what greys when nothing is heard.
    """

    stream: str
    now: str
    parts: str


def live(*names: str, parts: Iterable[str]) -> Live:
    """Of topics with these names, whose parts bear these ids."""
    return _live(names, ", ".join(f"#{one}" for one in parts))


def live_list(kind: str, rows: Sequence[Any], news: str) -> Live:
    """Of a topic of rows, of what is said about all of them, and of what comes and goes."""
    own = [rows_key(kind, [row.pk for row in rows])] if rows else []
    return live_rows(*own, news)


def live_rows(*names: str) -> Live:
    """The same of topics that are named already."""
    return _live(names, '[id^="row-"], #rest')


def _live(names: Iterable[str], parts: str) -> Live:
    query = urlencode([("topic", name) for name in names])
    return Live(f"{STREAM_PATH}?{query}", f"{NOW_PATH}?{query}", parts)


def rendered(templates: Mapping[str, str], context: dict[str, Any], *again: float | None) -> Parts:
    """Each part by its `id`, from the template that the page includes for it.

    `again`: seconds after each of which time alone may change something.
    """
    made = Parts({one: render_to_string(name, context) for one, name in templates.items()})
    made.again = soonest(*again)
    return made


def soonest(*seconds: float | None) -> float | None:
    return min((one for one in seconds if one is not None), default=None)


def audience_of(teams: Iterable[UUID]) -> str:
    """The word that those share who may change definitions of the same teams."""
    return ",".join(sorted(map(str, teams)))


def observed(cluster_id: object, namespace: str, name: str = "") -> str:
    """The notice about an object there, or about all of the namespace."""
    return f"observed:{cluster_id}/{namespace}/{name}".rstrip("/")


def rows_key(kind: str, ids: Iterable[UUID]) -> str:
    """The topic of rows that stand together on a list. All who look at these share it."""
    text = urlsafe_b64encode(b"".join(one.bytes for one in sorted(ids))).decode()
    return f"{kind}:{text.rstrip('=')}"


def rows_of_key(key: str) -> list[UUID]:
    """What stands behind the kind. Raises ValueError for what no list has made."""
    read = urlsafe_b64decode(key + "=" * (-len(key) % 4))
    return [UUID(bytes=read[place : place + 16]) for place in range(0, len(read), 16)]


def rows_feed(
    key: str,
    visible: QuerySet[Any],
    notices: Callable[[list[UUID]], frozenset[str]],
    show: Callable[[list[UUID]], dict[str, str]],
    every: float = 0.0,
) -> Feed | None:
    """Of the rows of `key` that the reader sees. They were on the list when it was opened: nothing
    moves, nothing comes or goes.
    """
    wanted = rows_of_key(key)
    ids = sorted(visible.filter(pk__in=wanted).values_list("pk", flat=True))
    if not ids:
        return None
    also = partial(notices, ids)
    audience = "" if len(ids) == len(wanted) else rows_key("", ids)
    return Feed(also(), partial(show, ids), audience, also=also, every=every)


def rendered_rows(
    template: str, rows: Mapping[UUID, dict[str, Any]], *again: float | None
) -> Parts:
    """The parts of a topic of rows, by their ids."""
    made = Parts(
        {f"row-{pk}": render_to_string(template, {"row": row}) for pk, row in rows.items()}
    )
    made.again = soonest(*again)
    return made
