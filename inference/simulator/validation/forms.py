"""The forms of names, labels and keys: what a text must look like, and what is said when not."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Form = Callable[[str], Iterator[str]]
"""Says what is wrong with a text; nothing where it has the form."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern for the whole text, how the server words it, and how long the text may be."""

    pattern: str
    sentence: str
    examples: tuple[str, ...]
    longest: int = 0
    unit: str = "characters"

    def __call__(self, text: str) -> Iterator[str]:
        if self.longest and len(text) > self.longest:
            yield f"must be no more than {self.longest} {self.unit}"
        # `re` keeps compiled patterns itself.
        if re.fullmatch(self.pattern, text, re.ASCII) is None:
            examples = ",  or ".join(f"'{example}'" for example in self.examples)
            yield (
                f"{self.sentence} (e.g. {examples}, regex used for validation is '{self.pattern}')"
            )


_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_ENDS = "and must start and end with an alphanumeric character"
_PLAIN_LABEL = Shape(
    _LABEL,
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    f"{_ENDS}",
    ("my-name", "123-abc"),
    63,
)
SUBDOMAIN = Shape(
    rf"{_LABEL}(\.{_LABEL})*",
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    f"'.', {_ENDS}",
    ("example.com",),
    253,
)


def label(text: str) -> Iterator[str]:
    """A name without dots; one that is fine but for its dots is told so."""
    if "." in text and next(SUBDOMAIN(text), None) is None:
        yield "must not contain dots"
    else:
        yield from _PLAIN_LABEL(text)


LABEL_VALUE = Shape(
    "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
    f"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    f"'.', {_ENDS}",
    ("MyValue", "my_value", "12345"),
    63,
    "bytes",
)
_NAME_PART = Shape(
    "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
    f"must consist of alphanumeric characters, '-', '_' or '.', {_ENDS}",
    ("MyName", "my.name", "123-abc"),
    63,
    "bytes",
)
CONFIG_KEY = Shape(
    "[-._a-zA-Z0-9]+",
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    ("key.name", "KEY_NAME", "key-name"),
    253,
)
PERCENT = Shape(
    "[0-9]+%",
    "a valid percent string must be a numeric string followed by an ending '%'",
    ("1%", "93%"),
)


def qualified(text: str) -> Iterator[str]:
    """A name with an optional prefix, as the keys of labels are."""
    prefix, slash, name = text.rpartition("/")
    if slash:
        yield from (f"prefix part {why}" for why in SUBDOMAIN(prefix))
    if not name:
        yield "name part must be non-empty"
    yield from (f"name part {why}" for why in _NAME_PART(name))


_LONGEST_PORT_NAME = 15


def port_name(text: str) -> Iterator[str]:
    if len(text) > _LONGEST_PORT_NAME:
        yield f"must be no more than {_LONGEST_PORT_NAME} characters"
    if re.fullmatch("[-a-z0-9]+", text) is None:
        yield "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
    if re.search("[a-z]", text) is None:
        yield "must contain at least one letter (a-z)"
    if "--" in text:
        yield "must not contain consecutive hyphens"
    if text.strip("-") != text:
        yield "must not begin or end with a hyphen"


def variable(text: str) -> Iterator[str]:
    if not text.isprintable() or not text.isascii() or "=" in text:
        yield (
            "a valid environment variable name must consist only of printable ASCII characters "
            "other than '='"
        )


def path_part(text: str) -> Iterator[str]:
    """Some names hold whatever may stand in a path."""
    yield from (f"may not contain '{part}'" for part in ("/", "%") if part in text)
