"""What a demo prints, and keeps beside it in files that only its owner reads."""

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from console.demo.clusters import DemoCluster
from console.demo.people import CHAT, Person


def write_files(
    folder: Path, address: str, people: Mapping[str, Person], clusters: Sequence[DemoCluster]
) -> None:
    """A kubeconfig for each simulated cluster, and `env`: all of it for a shell to read."""
    values = {"WAYBILL_URL": address, "WAYBILL_TEAM": CHAT}
    for name, person in people.items():
        values[name.upper()] = person.token
    values["WAYBILL_TOKEN"] = people["author"].token
    for cluster in clusters:
        if cluster.simulated is not None:
            path = kubeconfig_of(folder, cluster)
            _write(path, yaml.safe_dump(cluster.simulated.kubeconfig()))
            values[f"{cluster.name.upper()}_KUBECONFIG"] = str(path)
            values[f"{cluster.name.upper()}_GATEWAY"] = gateway_of(cluster)
    lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    _write(folder / "env", "\n".join([*lines, ""]))


def gateway_of(cluster: DemoCluster) -> str:
    """Where clients of a simulated cluster's models knock."""
    return f"http://127.0.0.1:{cluster.prepared.port}"


def kubeconfig_of(folder: Path, cluster: DemoCluster) -> Path:
    return folder / f"{cluster.name}.kubeconfig"


def greeting(
    folder: Path, address: str, people: Mapping[str, Person], clusters: Sequence[DemoCluster]
) -> Iterator[str]:
    yield f"REST is at {address}/api/v1/, the admin at {address}/admin/"
    yield ""
    for name, person in people.items():
        yield f"  {name:9} password {person.password}  token {person.token}"
    yield ""
    simulated = [cluster for cluster in clusters if cluster.simulated is not None]
    if simulated:
        names = " and ".join(cluster.name for cluster in simulated)
        yield f"The clusters {names} are simulated: they live in this process, with no accelerator"
        yield "behind them, and every token is made up. kubectl works on them:"
        for cluster in simulated:
            yield f"  {cluster.name}: models answer at {gateway_of(cluster)}"
            yield f"  kubectl --kubeconfig {_short(kubeconfig_of(folder, cluster))} get pods -A"
    yield f"For a shell:  . {_short(folder / 'env')}    then, for example: waybill change list"
    yield "All of it holds until this ends."
    yield ""


def _short(path: Path) -> Path:
    """As one would type it from here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
