"""The whole cluster of the kit, for tests: started once for a module, ended by SIGTERM."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.requirements import ASSETS, SHARED

READY_SECONDS = 300


@dataclass(frozen=True)
class Cluster:
    """A running cluster. `scenario` is read again whenever it changes."""

    folder: Path

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"

    @property
    def prometheus(self) -> str:
        """The address of its Prometheus."""
        log = (self.folder / "cluster.log").read_text()
        found = re.search(r"PROMETHEUS=(\S+)", log)
        assert found, log
        return found[1]

    def scenario(self, *entries: dict[str, Any]) -> None:
        (self.folder / "scenario.json").write_text(json.dumps(list(entries)))

    def kubectl(self, *arguments: str, stdin: str = "") -> str:
        """What kubectl prints. Raises CalledProcessError with its complaint."""
        return subprocess.run(
            [ASSETS / "kubectl", "--kubeconfig", self.kubeconfig, *arguments],
            input=stdin,
            text=True,
            check=True,
            capture_output=True,
        ).stdout

    def may(self, account: str, *deed: str) -> bool:
        """Whether `account` is allowed to do something, as `kubectl auth can-i` says."""
        try:
            return self.kubectl("auth", "can-i", *deed, f"--as={account}").strip() == "yes"
        except subprocess.CalledProcessError as refusal:
            if refusal.stdout.strip() == "no":
                return False
            raise


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """Two nodes of eight accelerators; back-off of a second, so that a crash shows soon."""
    cluster = Cluster(folder)
    cluster.scenario()
    log = (folder / "cluster.log").open("wb")
    process = subprocess.Popen(
        [
            SHARED / "kubernetes" / "cluster",
            *("--dir", str(folder), "--nodes", "2", "--crash-backoff", "1"),
            *("--accelerator", "nvidia.com/gpu=8"),
            *("--label", "nvidia.com/gpu.product=NVIDIA-H100-NVL"),
            *("--scenario", str(folder / "scenario.json")),
        ],
        stdout=log,
        stderr=log,
        env=os.environ | {"KUBEBUILDER_ASSETS": str(ASSETS)},
    )
    try:
        _wait(process, folder)
        yield cluster
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        log.close()


def _wait(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not (folder / "ready").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((folder / "cluster.log").read_text()[-2000:])
        time.sleep(0.2)
