"""Label selectors, as they stand in a query and as they stand in a spec."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inference.simulator.errors import bad_request

IN, NOT_IN, EXISTS, ABSENT = "in", "notin", "exists", "!"


@dataclass(frozen=True, slots=True)
class Requirement:
    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.key)
        if self.operator == EXISTS:
            return value is not None
        if self.operator == ABSENT:
            return value is None
        if self.operator == NOT_IN:
            return value is None or value not in self.values
        return value is not None and value in self.values


@dataclass(frozen=True, slots=True)
class Selector:
    requirements: tuple[Requirement, ...] = ()

    @classmethod
    def equal(cls, labels: Mapping[str, str]) -> "Selector":
        return cls(tuple(Requirement(key, IN, frozenset({v})) for key, v in labels.items()))

    @classmethod
    def of_spec(cls, spec: Mapping[str, Any]) -> "Selector":
        """A `LabelSelector` with matchLabels and matchExpressions."""
        words = {"In": IN, "NotIn": NOT_IN, "Exists": EXISTS, "DoesNotExist": ABSENT}
        expressions = tuple(
            Requirement(e["key"], words[e["operator"]], frozenset(e.get("values") or ()))
            for e in spec.get("matchExpressions") or ()
        )
        return cls(cls.equal(spec.get("matchLabels") or {}).requirements + expressions)

    @classmethod
    def parse(cls, text: str) -> "Selector":
        """The language of `labelSelector`: `a=b,c!=d,e in (f,g),h,!i`."""
        return cls(tuple(_requirement(part) for part in _split(text)))

    def __bool__(self) -> bool:
        return bool(self.requirements)


def selects_labels(selector: Selector, labels: Mapping[str, str]) -> bool:
    return all(requirement.holds(labels) for requirement in selector.requirements)


_SET = re.compile(r"^(?P<key>\S+)\s+(?P<word>in|notin)\s*\((?P<values>[^)]*)\)$")
_EQUAL = re.compile(r"^(?P<key>[^=!\s]+)\s*(?P<word>==|=|!=)\s*(?P<value>[^=!\s]*)$")
_NAME = re.compile(r"^([-a-z0-9.]+/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$")


def _split(text: str) -> list[str]:
    parts = [part.strip() for part in re.split(r",(?![^(]*\))", text)]
    if len(parts) > 1 and "" in parts:
        raise bad_request("found '', expected: identifier after ','")
    return [part for part in parts if part]


def _requirement(text: str) -> Requirement:
    if found := _SET.match(text):
        values = frozenset(part.strip() for part in found["values"].split(","))
        return Requirement(_name(found["key"], text), found["word"], values)
    if found := _EQUAL.match(text):
        word = NOT_IN if found["word"] == "!=" else IN
        return Requirement(_name(found["key"], text), word, frozenset({found["value"]}))
    if text.startswith("!"):
        return Requirement(_name(text[1:].strip(), text), ABSENT)
    return Requirement(_name(text, text), EXISTS)


def _name(key: str, text: str) -> str:
    if not _NAME.match(key):
        raise bad_request(f"unable to parse requirement: {text}")
    return key
