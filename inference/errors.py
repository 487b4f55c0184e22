"""How a stage says no. Doors turn these into pages and problem details, in one place each."""

from typing import Any

from inference.messages import Message


class Refusal(Exception):
    """Something asked for is not done, for a reason that a person can act on."""

    def __init__(self, message: Message, **params: Any) -> None:
        super().__init__(message.text(**params))
        self.message = message
        self.params = params

    @property
    def code(self) -> str:
        return self.message.code


class NotAllowed(Refusal):
    """This person may not do it; another may."""


class Conflict(Refusal):
    """The world has moved on since the asker looked at it."""


class Invalid(Refusal):
    """What was sent is not well formed. `fields` maps a path in the input to its messages."""

    def __init__(
        self, message: Message, fields: dict[str, list[Refusal]] | None = None, **params: Any
    ) -> None:
        super().__init__(message, **params)
        self.fields = fields or {}
