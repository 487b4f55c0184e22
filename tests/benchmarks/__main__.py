"""Runs every measure, or those whose names begin with an argument. Exit status 1 if one fails."""

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import django

from tests.benchmarks.report import Row


def main(wanted: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    os.environ.setdefault("WAYBILL_LOG_LEVEL", "ERROR")
    django.setup()
    rows = []
    for row in _measures(wanted):
        print(row, flush=True)
        rows.append(row)
    return 0 if rows and all(row.passed for row in rows) else 1


def _measures(wanted: list[str]) -> Iterator[Row]:
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        name = module.name.removeprefix("bench_")
        if module.name == name or (wanted and not any(name.startswith(word) for word in wanted)):
            continue
        yield from importlib.import_module(f"tests.benchmarks.{module.name}").measure()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
