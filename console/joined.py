"""Style sheets, and the scripts of live pages: small in the source, one of each when served.

A finder offers them, joined in the orders below: to collectstatic, and to the development server,
which reads all files at its start.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

SHEETS = (
    "tokens",
    "base",
    "shapes",
    "states",
    "frame",
    "live",
    "head",
    "block",
    "cells",
    "badge",
    "button",
    "needs",
    "form",
    "tabs",
    "table",
    "verdicts",
    "stops",
    "trail",
    "diff",
    "stub",
    "note",
    "drawing",
    "flow",
    "devices",
    "empty",
    "palette",
    "menu",
    "door",
    "change",
    "definition",
    "properties",
    "try",
    "small_screens",
)
"""The cascade: tokens first, what depends on the width of the screen last."""
JOINED = {
    "css/waybill.css": tuple(f"css/{name}.css" for name in SHEETS),
    "js/following.js": ("vendor/hx-sse.min.js", "js/live.js"),
}


class JoinedFiles(BaseFinder):
    """Writes a joined file when it is asked for, so that it is never older than its parts."""

    def __init__(self, *_arguments: Any, **_options: Any) -> None:
        self._folder = Path(settings.VAR) / "joined"
        self._storage = FileSystemStorage(location=str(self._folder))

    def check(self, **_options: Any) -> list[Any]:
        return []

    def find(self, path: str, *_arguments: Any, **options: Any) -> Any:
        found = [str(self._join(path))] if path in JOINED else []
        if options.get("find_all") or options.get("all"):
            return found
        return found[0] if found else []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        del ignore_patterns
        for path in JOINED:
            self._join(path)
            yield path, self._storage

    def _join(self, path: str) -> Path:
        sources = Path(settings.ASSETS) / "static"
        text = "\n".join((sources / part).read_text() for part in JOINED[path])
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text() != text:
            target.write_text(text)
        return target
