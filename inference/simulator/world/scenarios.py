"""What shall go wrong, and with whom: entries are laid over one another. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference.simulator.errors import Object
from inference.simulator.world.selecting import has_labels

_KNOWN = {
    "selector", "pod", "container", "pull", "load", "deaf", "exit", "say", "oom", "hang", "flags",
}  # fmt: skip
PROBES = ("startup", "readiness", "liveness")


@dataclass(frozen=True, slots=True)
class Fate:
    """What is to happen to one container.

    `pull`: its image cannot be had, and this is why. `load`: seconds before it listens. `deaf`:
    seconds for which a picker is ready and takes no call of a gateway. `exit`: it ends at once with
    this code, and `say` is the last it logs. `oom`: killed after so many seconds. `hang`: probes
    that get no answer. `flags`: settings of the simulated engine.
    """

    pull: str = ""
    load: float | None = None
    deaf: float = 0.0
    exit: int | None = None
    say: str = ""
    oom: float | None = None
    hang: tuple[str, ...] = ()
    flags: tuple[tuple[str, Any], ...] = ()

    def flag(self, name: str, default: Any = None) -> Any:
        return dict(self.flags).get(name, default)


class Scenarios:
    """The entries in force. Raises ValueError for an entry that cannot be meant."""

    def __init__(self, entries: Iterable[Mapping[str, Any]] = ()) -> None:
        self._entries: Sequence[Mapping[str, Any]] = tuple(_checked(one) for one in entries)

    def of(self, pod: Object, container: str) -> Fate:
        found: dict[str, Any] = {}
        for entry in self._entries:
            if _is_meant(entry, pod, container):
                found |= entry
        oom = found.get("oom")
        return Fate(
            pull=found.get("pull", ""),
            load=float(found["load"]) if "load" in found else None,
            deaf=float(found.get("deaf", 0.0)),
            exit=found.get("exit"),
            say=found.get("say", ""),
            oom=None if oom is None else float(oom),
            hang=tuple(found.get("hang", ())),
            flags=tuple(sorted(found.get("flags", {}).items())),
        )


def _is_meant(entry: Mapping[str, Any], pod: Object, container: str) -> bool:
    return (
        has_labels(pod, entry.get("selector") or {})
        and pod["metadata"]["name"].startswith(entry.get("pod", ""))
        and entry.get("container", container) == container
    )


def _checked(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    unknown = sorted(entry.keys() - _KNOWN)
    if unknown:
        raise ValueError(f"a scenario has no {', '.join(unknown)}")
    odd = sorted(set(entry.get("hang", ())) - set(PROBES))
    if odd:
        raise ValueError(f"there is no probe {', '.join(odd)}")
    return entry
