"""What Waybill says: codes with parameters, kept in rows; their sentences are looked up here.

Each stage has one module that defines its messages as module constants. A code is stored, logged
and sent as a problem type; a sentence is made from it when a person reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

_defined: dict[str, "Message"] = {}


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that can be said. `sentence` names its parameters in braces, by name only.

    `then` says what a person does about it; empty where there is nothing to do.
    """

    code: str
    sentence: str
    then: str = ""

    def text(self, **params: Any) -> str:
        """The sentence for a person. A parameter that is missing stays visible as `{name}`."""
        return _Lenient().vformat(self.sentence, (), params)

    def advice(self, **params: Any) -> str:
        """What to do next, in the same way."""
        return _Lenient().vformat(self.then, (), params)


class _Lenient(Formatter):
    """Fills in plain names only: no attribute or index of a stored value is followed."""

    def get_field(self, field_name: str, args: Any, kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        del args
        return str(kwargs.get(field_name, f"{{{field_name}}}")), field_name


def define(code: str, sentence: str, then: str = "") -> Message:
    """Enter a message. Codes are kebab-case and defined once in the whole project."""
    if code in _defined:
        raise ValueError(f"The message {code!r} is defined twice.")
    _defined[code] = message = Message(code, sentence, then)
    return message


def find(code: str) -> Message:
    """The message of a stored code; a code of another release speaks for itself."""
    return _defined.get(code) or Message(code, code.replace("-", " ").capitalize() + ".")


def known(code: str) -> Message | None:
    """The message that this release defines under `code`, if it does."""
    return _defined.get(code)


def sentence(code: str, params: Mapping[str, Any] | None = None) -> str:
    return find(code).text(**(params or {}))
