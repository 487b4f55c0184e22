"""What people read: tables for lists, YAML for one thing; `--json` is for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def to_yaml(value: Any) -> str:
    """The same text as the server's own exports."""
    return yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)


def to_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """A line for the heads and one for each row. A column is a path: `problem.detail`."""
    heads = [_head(column) for column in columns]
    lines = [heads, *([_cell(row, column) for column in columns] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def _head(path: str) -> str:
    """`problem.detail` stands under PROBLEM."""
    parts = path.split(".")
    return parts[max(0, len(parts) - 2)].replace("_", " ").upper()


def _cell(row: Mapping[str, Any], path: str) -> str:
    return text(find(row, path.split(".")))


def find(value: Any, path: Sequence[str]) -> Any:
    """The value at a path; in a list, that of each item."""
    for place, name in enumerate(path):
        if isinstance(value, list):
            return [find(item, path[place:]) for item in value]
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def text(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(text(item) for item in value) or "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {text(item)}" for name, item in value.items()) or "-"
    return str(value).replace("\n", " ")
