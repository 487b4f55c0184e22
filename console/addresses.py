"""What a name in an address may look like: whatever else stands there is not found."""

from typing import Any, ClassVar

from django.urls import register_converter


class Text:
    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Name(Text):
    regex: ClassVar[str] = r"[a-z](?:[-a-z0-9]{0,38}[a-z0-9])?"


class Username(Text):
    regex: ClassVar[str] = r"[\w.@+-]{1,150}"


class Environment(Text):
    regex: ClassVar[str] = "prod|stage|dev"


class Code(Text):
    regex: ClassVar[str] = "[a-z][-a-z0-9]{0,59}"


class Number:
    """Of 18 digits at most, which every database holds."""

    regex: ClassVar[str] = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


def register() -> None:
    """Called once, before the addresses of any door are read."""
    converters: dict[str, Any] = {
        "name": Name,
        "username": Username,
        "environment": Environment,
        "code": Code,
        "number": Number,
    }
    for name, converter in converters.items():
        register_converter(converter, name)
