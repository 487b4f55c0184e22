"""Which topics a page follows, as the addresses that its template names."""

from dataclasses import dataclass
from urllib.parse import urlencode

from inference.live.requests import NOW_PATH, STREAM_PATH


@dataclass(frozen=True)
class Live:
    """`stream` for the one stream of the page; `now` where streams do not get through."""

    stream: str
    now: str


def live(*names: str) -> Live:
    query = urlencode([("topic", name) for name in names])
    return Live(f"{STREAM_PATH}?{query}", f"{NOW_PATH}?{query}")
