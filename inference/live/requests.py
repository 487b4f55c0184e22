"""What is asked of /live/, and how it is answered. Nothing but what arrived is looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from inference.live.seats import Send

STREAM_PATH = "/live/"
NOW_PATH = "/live/now/"
MOST_TOPICS = 30
LONGEST_QUERY = 8000
NOT_MODIFIED = 304

Headers = list[tuple[bytes, bytes]]

PRIVATE: Headers = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]
STREAM: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),
]


class Refused(Exception):
    """A request that is not served."""

    def __init__(self, status: int, body: str, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        super().__init__(body)
        self.status = status
        self.body = body
        self.headers = [(b"content-type", b"text/plain; charset=utf-8"), *headers]


@dataclass(frozen=True, slots=True)
class Request:
    """A page that wants to hear of its topics."""

    is_stream: bool
    session_key: str
    names: tuple[str, ...]
    known: str


def parse(scope: Mapping[str, Any]) -> Request:
    """Raises Refused."""
    path = scope["path"]
    if path not in {STREAM_PATH, NOW_PATH}:
        raise Refused(404, "There is nothing here.")
    if scope["method"] != "GET":
        raise Refused(405, "Only GET.", [(b"allow", b"GET")])
    headers = headers_of_a_page(scope)
    names = _names(scope["query_string"])
    session_key = session_key_in(headers)
    return Request(path == STREAM_PATH, session_key, names, headers.get(b"if-none-match", ""))


def headers_of_a_page(scope: Mapping[str, Any]) -> dict[bytes, str]:
    """By their names in small letters. Raises Refused for what no page of ours has sent."""
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    if headers.get(b"sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Refused(403, "Only pages of this console may ask.")
    return headers


def session_key_in(headers: Mapping[bytes, str]) -> str:
    """Raises Refused where there is none."""
    found = _session_key(headers.get(b"cookie", ""))
    if not found:
        raise Refused(401, "Sign in to see this live.")
    return found


def _names(query: bytes) -> tuple[str, ...]:
    if len(query) > LONGEST_QUERY:
        raise Refused(414, "Too many topics.")
    names = tuple(dict.fromkeys(parse_qs(query.decode("latin-1")).get("topic", [])))
    if not 0 < len(names) <= MOST_TOPICS:
        raise Refused(400, f"Name between 1 and {MOST_TOPICS} topics.")
    return names


def _session_key(cookies: str) -> str:
    try:
        found = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return found.value if found else ""


async def start(send: Send, status: int, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def answer(send: Send, status: int, body: str, headers: Headers | None = None) -> None:
    content = body.encode()
    given = list(PRIVATE if headers is None else headers)
    if status != NOT_MODIFIED:
        given.append((b"content-length", str(len(content)).encode()))
    await start(send, status, given)
    await send({"type": "http.response.body", "body": content})
