"""The bytes of a stream: server-sent events that htmx 4 swaps. Pure."""

import re
from collections.abc import Iterable
from hashlib import blake2b
from html import escape

MORPH = "outerMorph"
DELETE = "delete"

_ends = re.compile(r"\r\n|\r|\n")


def part(identity: str, html: str, swap: str = MORPH) -> str:
    """What htmx puts in the place of the element that bears `identity`, keeping focus and hand."""
    return f'<hx-partial id="{escape(identity)}" hx-swap="{swap}">{html}</hx-partial>'


def data(text: str) -> bytes:
    """Lines of a message that is still open: several make one message, swapped in one go."""
    return "".join(f"data: {line}\n" for line in _ends.split(text)).encode()


def message(parts: Iterable[bytes]) -> bytes:
    return b"".join(parts) + b"\n"


def event(name: str, text: str = "") -> bytes:
    return f"event: {name}\ndata: {text}\n\n".encode()


def opening(retry: int) -> bytes:
    """First bytes of a stream: how many milliseconds to wait before connecting again."""
    return f"retry: {retry}\n".encode()


def tag(texts: Iterable[str]) -> str:
    """An ETag for these texts."""
    digest = blake2b(digest_size=12)
    for text in texts:
        digest.update(text.encode() + b"\0")
    return f'"{digest.hexdigest()}"'
