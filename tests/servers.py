"""Real servers for tests, each on loopback with data of its own, ended with the test."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from tests.requirements import postgres_folder

READY_SECONDS = 60
PORTS = range(12_000, 20_000)


def free_port() -> int:
    """For a process that binds it later. Of those that the kernel gives to nobody unasked: one of
    its own would be taken meanwhile by the next connection of anybody."""
    while True:
        port = PORTS[secrets.randbelow(len(PORTS))]
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def postgres(folder: Path, *options: str) -> Iterator[str]:
    """Yield a DATABASE_URL. initdb refuses root, so root runs it as nobody."""
    programs = postgres_folder()
    assert programs is not None
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    # Not below pytest's folder, which the next pytest to start closes to everybody else.
    data = Path(mkdtemp(prefix="waybill-postgres-"))
    if user:
        os.chown(data, user.pw_uid, user.pw_gid)
    as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    port = free_port()
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "waybill", "--auth=trust", "--no-sync"],
        check=True,
        capture_output=True,
        **as_user,
    )
    flags = ["fsync=off", "listen_addresses=127.0.0.1", f"unix_socket_directories={data}"]
    with (folder / "postgres.log").open("wb") as log:
        server = subprocess.Popen(
            [
                programs / "postgres",
                *("-D", data, "-p", str(port)),
                *(word for flag in (*flags, *options) for word in ("-c", flag)),
            ],
            stdout=log,
            stderr=log,
            **as_user,
        )
    try:
        ask = [programs / "psql", "-h", "127.0.0.1", "-p", str(port), "-U", "waybill"]
        if not Path(ask[0]).exists():
            ask[0] = shutil.which("psql") or "psql"
        _until(lambda: _succeeds([*ask, "-d", "postgres", "-c", "create database waybill"]))
        yield f"postgres://waybill@127.0.0.1:{port}/waybill"
    finally:
        server.terminate()
        server.wait(READY_SECONDS)
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Yield a broker URL of a server that keeps nothing."""
    program = shutil.which("redis-server")
    assert program is not None
    port = free_port()
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until(lambda: _accepts(port))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(READY_SECONDS)


def wait_for(port: int) -> None:
    """Until something listens there."""
    _until(lambda: _accepts(port))


def _succeeds(command: list[str | Path]) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"no server after {READY_SECONDS} s")
        time.sleep(0.05)
