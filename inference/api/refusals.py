"""Refusals of the REST door itself. Imported by what the framework loads first: keep it light."""

from typing import Any

from inference.errors import Refusal
from inference.messages import Message, access


class Declined(Refusal):
    """The request itself cannot be taken, whoever asks; `status` says in which way."""

    def __init__(self, status: int, message: Message, **params: Any) -> None:
        super().__init__(message, **params)
        self.status = status
        self.headers: dict[str, str] = {}


def missing(what: str) -> Declined:
    """There is none, or none that the reader may see: the answer is the same."""
    return Declined(404, access.NOT_FOUND, what=what)
