"""Reads the code of workers for what they leave behind: rows, requests, wake-ups, records.

A side effect is a call that writes. It happens when its transaction commits, or at once where
there is none. So each transaction passes a failpoint inside, and each write outside of one has a
failpoint in the function that makes it, or in those that call it.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[2]
APART = {"api", "web", "live", "simulator", "migrations"}
"""Packages whose code no worker runs."""

_ROWS = {"create", "bulk_create", "bulk_update", "save", "get_or_create", "update_or_create"}
_ROWS |= {"update_each", "changed", "created"}
_REQUESTS = {"apply", "send_task"}


Node = TypeVar("Node", bound=ast.AST)


@dataclass
class Function:
    """One function or method: what it calls, what it writes, and how."""

    module: str
    name: str
    is_handler: bool
    is_atomic: bool
    has_failpoint: bool
    writes: list[str]
    calls: set[str] = field(default_factory=set)

    @property
    def place(self) -> str:
        return f"{self.module}:{self.name}"


class Code:
    """Every function of the packages that workers run, and who calls whom."""

    def __init__(self) -> None:
        self._aliases: dict[str, dict[str, str]] = {}
        self.functions: dict[str, Function] = {}
        self._methods: dict[str, list[str]] = {}
        trees = {_module(path): ast.parse(path.read_text()) for path in _sources()}
        for module, tree in trees.items():
            self._aliases[module] = dict(_imported(tree))
            for node, owner in _functions(tree):
                self._enter(module, node, owner)
        for module, tree in trees.items():
            for node, owner in _functions(tree):
                self.functions[_place(module, node, owner)].calls = set(self._called(module, node))

    def handled(self) -> set[str]:
        """Functions that a worker reaches from one of its deeds."""
        found = {place for place, one in self.functions.items() if one.is_handler}
        found |= {
            place for place in self.functions if place.startswith("inference.outbox.running:")
        }
        left = list(found)
        while left:
            for callee in self.functions[left.pop()].calls - found:
                found.add(callee)
                left.append(callee)
        return found

    def uncovered(self) -> dict[str, list[str]]:
        """Functions of workers with a side effect that no failpoint is near to."""
        reached = self.handled()
        callers: dict[str, set[str]] = {place: set() for place in reached}
        for place in reached:
            for callee in self.functions[place].calls & reached:
                callers[callee].add(place)
        return {
            place: self.functions[place].writes
            for place in sorted(reached)
            if self.functions[place].writes and not self._is_covered(place, callers, frozenset())
        }

    def _is_covered(self, place: str, callers: dict[str, set[str]], seen: frozenset[str]) -> bool:
        """Helpers belong to the transaction that calls them; else a failpoint is one call away.

        `seen`: the way from the write up to here.
        """
        one = self.functions[place]
        if one.has_failpoint and (one.is_atomic or len(seen) <= (not one.is_handler)):
            return True
        if (one.is_atomic and seen) or place in seen or not callers[place]:
            return False
        return all(self._is_covered(caller, callers, seen | {place}) for caller in callers[place])

    def _enter(self, module: str, node: ast.FunctionDef, owner: str) -> None:
        place = _place(module, node, owner)
        self.functions[place] = Function(
            module,
            place.partition(":")[2],
            is_handler=any("handler" in ast.unparse(one) for one in node.decorator_list),
            is_atomic=_is_atomic(node),
            has_failpoint=any(_name(call) == "failpoint" for call in _calls(node)),
            writes=[ast.unparse(call)[:80] for call in _calls(node) if _is_write(call)],
        )
        if owner:
            self._methods.setdefault(node.name, []).append(place)

    def _called(self, module: str, node: ast.FunctionDef) -> Iterator[str]:
        """Functions named in the body, whether called or handed on."""
        for one in ast.walk(node):
            if isinstance(one, ast.Name):
                yield from self._resolved(module, one.id)
            elif isinstance(one, ast.Attribute):
                if isinstance(one.value, ast.Name):
                    yield from self._resolved(module, f"{one.value.id}.{one.attr}")
                if not isinstance(one.value, ast.Name) or one.value.id not in self._aliases[module]:
                    yield from self._methods.get(one.attr, ())

    def _resolved(self, module: str, name: str) -> Iterator[str]:
        head, _, rest = name.partition(".")
        known = self._aliases[module].get(head)
        if f"{module}:{name}" in self.functions:
            yield f"{module}:{name}"
        elif known and rest:
            yield from self._looked_up(known, rest)
        elif known:
            yield from self._looked_up(*known.rsplit(".", 1))

    def _looked_up(self, module: str, name: str) -> Iterator[str]:
        """The function `name` of `module`, or of where that module has it from."""
        if f"{module}:{name}" in self.functions:
            yield f"{module}:{name}"
        elif name in self._aliases.get(module, {}):
            yield from self._looked_up(*self._aliases[module][name].rsplit(".", 1))


def points_passed() -> set[str]:
    """The names that the code of workers hands to `failpoint`."""
    calls = [
        call
        for path in _sources()
        for call in _of(ast.parse(path.read_text()), ast.Call)
        if _name(call) == "failpoint"
    ]
    return {ast.literal_eval(call.args[0]) for call in calls}


def _sources() -> Iterator[Path]:
    for path in sorted((ROOT / "inference").rglob("*.py")):
        if path.relative_to(ROOT / "inference").parts[0] not in APART:
            yield path


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                yield one.asname or one.name, f"{node.module}.{one.name}"


def _functions(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, str]]:
    """Functions of the module and methods of its classes; what is nested belongs to its outer."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node, ""
        elif isinstance(node, ast.ClassDef):
            yield from ((one, node.name) for one in node.body if isinstance(one, ast.FunctionDef))


def _place(module: str, node: ast.FunctionDef, owner: str) -> str:
    return f"{module}:{owner}.{node.name}" if owner else f"{module}:{node.name}"


def _is_atomic(node: ast.FunctionDef) -> bool:
    items = [one.context_expr for one in _of(node, ast.withitem)]
    return any("atomic" in ast.unparse(one) for one in (*node.decorator_list, *items))


def _calls(node: ast.FunctionDef) -> Iterator[ast.Call]:
    yield from _of(node, ast.Call)


def _of(node: ast.AST, kind: type[Node]) -> Iterator[Node]:
    return (one for one in ast.walk(node) if isinstance(one, kind))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_write(call: ast.Call) -> bool:
    """By the names of methods of Django, of the door and of compiled statements, and by `add`.
    A dict's `update` takes no keywords."""
    name, is_method = _name(call), isinstance(call.func, ast.Attribute)
    if not is_method:
        return name == "add"
    if name == "update":
        return bool(call.keywords) and not call.args
    if name == "delete":
        return True
    if name == "apply":
        return not any(one.arg == "dry_run" for one in call.keywords)
    return name in _ROWS | _REQUESTS
