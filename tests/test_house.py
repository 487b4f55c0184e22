"""The house keeps its rules: sizes, names of rooms, and doors that only doors may use."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 300
FIRST_MIGRATION = ROOT / "inference" / "migrations" / "0001_tables.py"
NO_ROOMS = {"utils", "helpers", "common", "misc"}
DOORS = {"web", "api", "live"}
OF_DOORS = ("django.http", "django.shortcuts", "rest_framework", "django_htmx")


def written() -> list[Path]:
    """All that people write and read as code: neither vendored nor generated."""
    kinds = {"inference": "py", "console": "py", "tests": "py", "templates": "html"}
    kinds |= {"static/css": "css", "static/js": "js"}
    found = [path for folder, kind in kinds.items() for path in (ROOT / folder).rglob(f"*.{kind}")]
    return sorted(path for path in found if path != FIRST_MIGRATION)


def sources() -> list[Path]:
    folders = (ROOT / "inference", ROOT / "console")
    found = [path for folder in folders for path in folder.rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def imported(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
    return found


def test_a_file_is_short_and_has_a_name_of_its_own() -> None:
    lengths = {str(path): len(path.read_text().splitlines()) for path in written()}

    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}
    assert [path for path in written() if path.stem in NO_ROOMS] == []


def test_a_module_says_its_place() -> None:
    silent = [path for path in sources() if not ast.get_docstring(parsed(path))]

    assert [path for path in silent if path.read_text().strip()] == []


def test_requests_and_answers_belong_to_the_doors() -> None:
    trespassers = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / "inference").rglob("*.py")
        if path.relative_to(ROOT / "inference").parts[0] not in DOORS and path.name != "admin.py"
        for name in imported(path)
        if name.startswith(OF_DOORS)
    ]

    assert trespassers == []


def test_only_the_door_imports_the_kubernetes_client() -> None:
    trespassers = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "inference").rglob("*.py")
        if "clusters/client" not in str(path)
        for name in imported(path)
        if name.split(".")[0] in {"kubernetes", "aiohttp", "urllib3"}
    ]

    assert trespassers == []
