"""The same tests on PostgreSQL: whatever rests on rows rests on both databases."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers

pytestmark = pytest.mark.postgres

ROOT = Path(__file__).resolve().parents[1]
STAGES = ["accounts", "audit", "changes", "clusters", "definitions", "delivery", "health"]
STAGES += ["observation", "outbox", "api", "constraints"]


def test_what_holds_on_sqlite_holds_on_postgresql(tmp_path: Path) -> None:
    with servers.postgres(tmp_path) as url:
        run = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-m", "not real", "-p", "no:cacheprovider"),
                *("-n", "2", "--dist", "worksteal"),
                *(f"tests/{stage}" for stage in STAGES if (ROOT / "tests" / stage).is_dir()),
                "tests/test_compiled.py",
                "--ignore=tests/clusters/client",
            ],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url},
            text=True,
            capture_output=True,
            check=False,
        )

    assert run.returncode == 0, run.stdout[-5000:]


def test_migrations_lead_to_the_tables_and_back(tmp_path: Path) -> None:
    with servers.postgres(tmp_path) as url:
        for arguments in (["migrate"], ["migrate", "inference", "0001"], ["migrate"]):
            run = subprocess.run(
                [sys.executable, "manage.py", *arguments, "--verbosity", "0"],
                cwd=ROOT,
                env=os.environ | {"DATABASE_URL": url},
                text=True,
                capture_output=True,
                check=False,
            )
            assert run.returncode == 0, run.stderr
