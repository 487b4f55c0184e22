"""Style sheets: small in the source, one when they are served.

A finder offers `css/waybill.css`, joined from the small ones in the order below: to collectstatic,
and to the development server, which reads all files at its start.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

JOINED = "css/waybill.css"
ORDER = (
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
    "try",
    "small_screens",
)
"""The cascade: tokens first, what depends on the width of the screen last."""


class JoinedSheets(BaseFinder):
    """Writes the joined sheet when it is asked for, so that it is never older than its parts."""

    def __init__(self, *_arguments: Any, **_options: Any) -> None:
        self._folder = Path(settings.VAR) / "joined"
        self._storage = FileSystemStorage(location=str(self._folder))

    def check(self, **_options: Any) -> list[Any]:
        return []

    def find(self, path: str, *_arguments: Any, **options: Any) -> Any:
        found = [str(self._join())] if path == JOINED else []
        if options.get("find_all") or options.get("all"):
            return found
        return found[0] if found else []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        del ignore_patterns
        self._join()
        yield JOINED, self._storage

    def _join(self) -> Path:
        sources = Path(settings.ASSETS) / "static" / "css"
        text = "\n".join((sources / f"{name}.css").read_text() for name in ORDER)
        target = self._folder / JOINED
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text() != text:
            target.write_text(text)
        return target
