"""A database with all tables: migrated once for each set of migrations, and copied from then on."""

import hashlib
import shutil
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from inference import migrations

KEPT = Path(settings.BASE_DIR) / "var" / "demo-databases"


def prepare() -> None:
    """The demo's own SQLite file, which is not there yet. Seconds at first, milliseconds later."""
    own = Path(settings.DATABASES["default"]["NAME"])
    kept = KEPT / f"{_digest()}.sqlite3"
    if kept.exists():
        shutil.copyfile(kept, own)
        return
    call_command("migrate", verbosity=0)
    with suppress(OSError):
        _keep(kept)


def _keep(kept: Path) -> None:
    """Whole or not at all, and nothing of older migrations."""
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(f".{hashlib.sha256(str(settings.VAR).encode()).hexdigest()[:8]}")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(unfinished)])
    unfinished.replace(kept)


def _digest() -> str:
    """Of the migrations and of what of ours they import: triggers live in modules of their own."""
    found: set[str] = set()
    for path in Path(migrations.__path__[0]).glob("[0-9]*.py"):
        module = import_module(f"{migrations.__name__}.{path.stem}")
        ours = [one for one in vars(module).values() if _is_ours(one)]
        found |= {str(one.__file__) for one in (module, *ours)}
    whole = hashlib.sha256(django.__version__.encode())
    for name in sorted(found):
        whole.update(Path(name).read_bytes())
    return whole.hexdigest()[:16]


def _is_ours(value: object) -> bool:
    return isinstance(value, ModuleType) and value.__name__.startswith("inference.")
