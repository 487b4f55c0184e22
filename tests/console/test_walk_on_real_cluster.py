"""The walk of `make demo-check` on a cluster of which nothing is simulated by us."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import cluster

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).resolve().parents[2]


def test_a_change_walks_to_tokens_from_a_real_engine(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with cluster.running(tmp_path_factory.mktemp("cluster")) as kit:
        walk = subprocess.run(
            [
                *(sys.executable, "manage.py", "demo", "--check"),
                *("--clusters", str(kit.kubeconfig)),
            ],
            cwd=ROOT,
            text=True,
            capture_output=True,
            timeout=300,
            check=False,
        )

    assert walk.returncode == 0, f"{walk.stdout}\n{walk.stderr}"
    assert "first token through the gateway" in walk.stdout
    assert "canary" in walk.stdout
