"""The rules that custom kinds carry in their definitions and that our own objects can break.

Each is a named predicate here: a real server interprets the rule itself, we only know its meaning.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from inference.simulator.errors import Cause, Object
from inference.simulator.schemas.routes import FILTERS
from inference.simulator.validation import words


@dataclass(frozen=True, slots=True)
class Promise:
    """What holds at each place of one path; `[]` steps into the items of a list."""

    path: str
    sentence: str
    holds: Callable[[Any], bool]


def _ports_differ(ports: Any) -> bool:
    return len({port["number"] for port in ports}) == len(ports)


def _service_has_a_port(picker: Any) -> bool:
    return picker["kind"] != "Service" or "port" in picker


def _listeners_differ(listeners: Any) -> bool:
    faces = {(one["port"], one["protocol"], one.get("hostname", "")) for one in listeners}
    return len(faces) == len(listeners)


def _names_differ(listeners: Any) -> bool:
    return len({one["name"] for one in listeners}) == len(listeners)


def _parent(reference: Any) -> tuple[Any, ...]:
    return tuple(reference.get(key, "") for key in ("group", "kind", "name", "namespace"))


def _sections(parents: Any) -> list[list[tuple[str, int]]]:
    """Of each parent that is named more than once, the listeners that are meant."""
    times = Counter(_parent(one) for one in parents)
    return [
        [(one.get("sectionName", ""), one.get("port", 0)) for one in parents if _parent(one) == key]
        for key, count in times.items()
        if count > 1
    ]


def _parents_are_whole_or_in_parts(parents: Any) -> bool:
    return all(
        all(name for name, _ in found) or not any(name for name, _ in found)
        for found in _sections(parents)
    )


def _parents_differ(parents: Any) -> bool:
    return all(len(set(found)) == len(found) for found in _sections(parents))


def _does_not_redirect_and_forward(rule: Any) -> bool:
    redirects = any(one["type"] == "RequestRedirect" for one in rule.get("filters") or ())
    return not redirects or not rule.get("backendRefs")


def _backend_has_a_port(reference: Any) -> bool:
    is_service = not reference.get("group") and reference.get("kind") == "Service"
    return not is_service or "port" in reference


def _is_plain(path: Any) -> bool:
    return path.get("type") in {"Exact", "PathPrefix"}


def _path_lacks(part: str) -> Callable[[Any], bool]:
    return lambda path: not _is_plain(path) or part not in path["value"]


def _path_ends_otherwise(part: str) -> Callable[[Any], bool]:
    return lambda path: not _is_plain(path) or not path["value"].endswith(part)


def _path_is_absolute(path: Any) -> bool:
    return not _is_plain(path) or path["value"].startswith("/")


_PATH = r"^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$"
_PLAIN = "when type one of ['Exact', 'PathPrefix']"


def _path_has_valid_characters(path: Any) -> bool:
    return not _is_plain(path) or re.search(_PATH, path["value"]) is not None


def _only_with(kind: str, name: str) -> Callable[[Any], bool]:
    return lambda one: name not in one or one["type"] == kind


def _always_with(kind: str, name: str) -> Callable[[Any], bool]:
    return lambda one: one["type"] != kind or name in one


def _at_most_once(kind: str) -> Callable[[Any], bool]:
    return lambda filters: sum(one["type"] == kind for one in filters) <= 1


def _filter_promises(path: str) -> Iterator[Promise]:
    for kind, name in FILTERS.items():
        sentence = f"filter.{name} must be nil if the filter.type is not {kind}"
        yield Promise(f"{path}[]", sentence, _only_with(kind, name))
        sentence = f"filter.{name} must be specified for {kind} filter.type"
        yield Promise(f"{path}[]", sentence, _always_with(kind, name))
        if kind not in {"RequestMirror", "ExtensionRef"}:
            yield Promise(path, f"{kind} filter cannot be repeated", _at_most_once(kind))


def _rewrites_to_something(path: Any) -> bool:
    return path["type"] != "ReplaceFullPath" or "replaceFullPath" in path


_PART = re.compile(r"([0-9]+)(h|ms|m|s)")
_MILLISECONDS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


def _milliseconds(duration: str) -> int:
    return sum(int(number) * _MILLISECONDS[unit] for number, unit in _PART.findall(duration))


def _backend_waits_no_longer(timeouts: Any) -> bool:
    whole, behind = (timeouts.get(name, "0s") for name in ("request", "backendRequest"))
    return not _milliseconds(whole) or _milliseconds(behind) <= _milliseconds(whole)


_MATCHED = "spec.rules[].matches[].path"
_MORE_PARENTS = "when parentRefs includes 2 or more references to the same parent"
_ROUTE = (
    Promise(
        "spec.parentRefs",
        f"sectionName must be specified {_MORE_PARENTS}",
        _parents_are_whole_or_in_parts,
    ),
    Promise("spec.parentRefs", f"sectionName must be unique {_MORE_PARENTS}", _parents_differ),
    Promise(
        "spec.rules[]",
        "RequestRedirect filter must not be used together with backendRefs",
        _does_not_redirect_and_forward,
    ),
    Promise(
        "spec.rules[].backendRefs[]", "Must have port for Service reference", _backend_has_a_port
    ),
    *_filter_promises("spec.rules[].filters"),
    *_filter_promises("spec.rules[].backendRefs[].filters"),
    Promise(
        "spec.rules[].filters[].urlRewrite.path",
        "replaceFullPath must be specified when type is set to 'ReplaceFullPath'",
        _rewrites_to_something,
    ),
    Promise(
        _MATCHED,
        f"value must be an absolute path and start with '/' {_PLAIN}",
        _path_is_absolute,
    ),
    *(
        Promise(_MATCHED, f"must not contain '{part}' {_PLAIN}", _path_lacks(part))
        for part in ("//", "/./", "/../", "%2f", "%2F", "#")
    ),
    *(
        Promise(_MATCHED, f"must not end with '{part}' {_PLAIN}", _path_ends_otherwise(part))
        for part in ("/..", "/.")
    ),
    Promise(
        _MATCHED,
        f"must only contain valid characters (matching {_PATH}) for types ['Exact', 'PathPrefix']",
        _path_has_valid_characters,
    ),
    Promise(
        "spec.rules[].timeouts",
        "backendRequest timeout cannot be longer than request timeout",
        _backend_waits_no_longer,
    ),
)
_POOL = (
    Promise("spec.targetPorts", "port number must be unique", _ports_differ),
    Promise(
        "spec.endpointPickerRef",
        "port is required when kind is 'Service' or unspecified (defaults to 'Service')",
        _service_has_a_port,
    ),
)
_GATEWAY = (
    Promise("spec.listeners", "Listener name must be unique within the Gateway", _names_differ),
    Promise(
        "spec.listeners",
        "Combination of port, protocol and hostname must be unique for each listener",
        _listeners_differ,
    ),
)
PROMISES: dict[str, tuple[Promise, ...]] = {
    "InferencePool": _POOL,
    "HTTPRoute": _ROUTE,
    "Gateway": _GATEWAY,
    "GatewayClass": (),
}
"""The kinds whose definitions carry rules, and those rules of them that we can trip."""


def check_promises(kind: str, obj: Object) -> Iterator[Cause]:
    """Only for objects of the right shape."""
    for promise in PROMISES.get(kind, ()):
        for value, at in _places(obj, promise.path.split("."), ""):
            if not promise.holds(value):
                yield words.broken(at, promise.sentence)


def _places(value: Any, steps: list[str], at: str) -> Iterator[tuple[Any, str]]:
    if not steps:
        yield value, at
        return
    name, listed, _ = steps[0].partition("[")
    found = value.get(name)
    where = f"{at}.{name}" if at else name
    if found is None:
        return
    if not listed:
        yield from _places(found, steps[1:], where)
        return
    for index, item in enumerate(found):
        yield from _places(item, steps[1:], f"{where}[{index}]")
