"""One rule of RBAC as a value: what it matches, what it covers, and how a server spells it."""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Attributes:
    """What somebody asks to do: to a resource, or to a path where `resource` is empty."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def combined(self) -> str:
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


@dataclass(frozen=True, slots=True)
class Rule:
    verbs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> "Rule":
        return cls(
            tuple(rule.get("verbs") or ()),
            tuple(rule.get("apiGroups") or ()),
            tuple(rule.get("resources") or ()),
            tuple(rule.get("resourceNames") or ()),
            tuple(rule.get("nonResourceURLs") or ()),
        )

    def matches(self, asked: Attributes) -> bool:
        if not _holds(self.verbs, asked.verb):
            return False
        if not asked.resource:
            return any(_path_matches(path, asked.path) for path in self.paths)
        return (
            _holds(self.groups, asked.group)
            and any(_resource_matches(own, asked.combined) for own in self.resources)
            and (not self.names or asked.name in self.names)
        )

    def covers(self, part: "Rule") -> bool:
        """Whether whoever has this rule has `part`, which names one thing of each sort."""
        if not _holds_all(self.verbs, part.verbs):
            return False
        if part.paths:
            return all(any(_path_matches(own, path) for own in self.paths) for path in part.paths)
        return (
            _holds_all(self.groups, part.groups)
            and all(
                any(_resource_matches(own, wanted) for own in self.resources)
                for wanted in part.resources
            )
            and (not self.names or (bool(part.names) and set(part.names) <= set(self.names)))
        )

    def parts(self) -> Iterator["Rule"]:
        """The rule as rules of one verb on one thing."""
        for verb, path in itertools.product(self.verbs, self.paths):
            yield Rule((verb,), paths=(path,))
        for group, resource, verb in itertools.product(self.groups, self.resources, self.verbs):
            if not self.names:
                yield Rule((verb,), (group,), (resource,))
            for name in self.names:
                yield Rule((verb,), (group,), (resource,), (name,))

    def __str__(self) -> str:
        told = (
            ("APIGroups", self.groups),
            ("Resources", self.resources),
            ("NonResourceURLs", self.paths),
            ("ResourceNames", self.names),
            ("Verbs", self.verbs),
        )
        return "{" + ", ".join(f"{word}:{quoted(values)}" for word, values in told if values) + "}"


def missing(held: Iterable[Rule], wanted: Iterable[Rule]) -> list[Rule]:
    """What of `wanted` nobody with `held` has, with the verbs on one thing put together."""
    own = tuple(held)
    verbs: dict[Rule, list[str]] = {}
    for rule in wanted:
        for part in rule.parts():
            if not any(rule_held.covers(part) for rule_held in own):
                thing = Rule((), part.groups, part.resources, part.names, part.paths)
                verbs.setdefault(thing, []).extend(part.verbs)
    return [
        Rule(tuple(dict.fromkeys(found)), thing.groups, thing.resources, thing.names, thing.paths)
        for thing, found in verbs.items()
    ]


def quoted(values: Iterable[str]) -> str:
    return "[" + " ".join(json.dumps(value) for value in values) + "]"


def _holds(own: tuple[str, ...], wanted: str) -> bool:
    return "*" in own or wanted in own


def _holds_all(own: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return "*" in own or set(wanted) <= set(own)


def _resource_matches(own: str, wanted: str) -> bool:
    if own in {"*", wanted}:
        return True
    _, slash, subresource = wanted.partition("/")
    return bool(slash) and own == f"*/{subresource}"


def _path_matches(own: str, wanted: str) -> bool:
    return own in {"*", wanted} or (own.endswith("*") and wanted.startswith(own[:-1]))
