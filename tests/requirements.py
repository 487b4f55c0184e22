"""What a machine has and lacks. Tests skip for what is absent, and the end of the run says so."""

import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

SHARED = Path(os.environ.get("WAYBILL_SHARED", Path(__file__).resolve().parents[2] / "shared"))
ASSETS = Path(os.environ.get("KUBEBUILDER_ASSETS", "nowhere"))


def _has_all(*names: str) -> bool:
    return all((ASSETS / name).exists() for name in names)


def postgres_folder() -> Path | None:
    """The folder with initdb and postgres: Debian keeps them out of PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


CHECKS: dict[str, tuple[Callable[[], bool], str]] = {
    "apiserver": (
        lambda: _has_all("etcd", "kube-apiserver"),
        "KUBEBUILDER_ASSETS with etcd and kube-apiserver",
    ),
    "kubectl": (lambda: _has_all("kubectl"), "kubectl in KUBEBUILDER_ASSETS"),
    "cluster": (
        lambda: (
            _has_all("kube-scheduler", "envoy", "epp", "llm-d-inference-sim")
            and (SHARED / "kubernetes" / "cluster").exists()
            and os.geteuid() == 0
        ),
        "root, all parts in KUBEBUILDER_ASSETS, and WAYBILL_SHARED/kubernetes",
    ),
    "prometheus": (lambda: _has_all("prometheus"), "prometheus in KUBEBUILDER_ASSETS"),
    "postgres": (lambda: postgres_folder() is not None, "PostgreSQL's initdb and postgres"),
    "redis": (lambda: shutil.which("redis-server") is not None, "redis-server"),
    "browser": (lambda: shutil.which("chromium") is not None, "chromium"),
    "shared": ((SHARED / "crds").is_dir, "WAYBILL_SHARED with crds/ and metrics/"),
}
REQUIRED = {name for name in os.environ.get("WAYBILL_REQUIRE", "").split(",") if name}


@cache
def missing() -> dict[str, str]:
    """Name and description of each thing that this machine lacks."""
    return {name: what for name, (is_here, what) in CHECKS.items() if not is_here()}


def absent(name: str, why: str) -> NoReturn:
    """Skip for want of `name`, saying why; where WAYBILL_REQUIRE names it that is a failure."""
    if name in REQUIRED:
        pytest.fail(f"WAYBILL_REQUIRE names {name}: {why}")
    pytest.skip(why)
