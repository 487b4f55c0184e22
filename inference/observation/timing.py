"""When a pod came to each rung, as the cluster itself tells. Pure.

Kubernetes keeps no time for a start-up probe that has passed, nor for an address that a picker has
taken: of those rungs nothing is said. After a restart the engine is timed from that restart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from inference.names import ENGINE
from inference.observation.ladder import Rung, condition
from inference.observation.summaries import Summary


@dataclass(frozen=True, slots=True)
class Times:
    """`accepted_at`: when it was made. `took`: how long it needed for a rung that it has reached.

    `since`: how long it has been where it stands, where it is not ready.
    """

    accepted_at: datetime | None = None
    took: Mapping[Rung, timedelta] = field(default_factory=dict)
    since: datetime | None = None


def times_of(summary: Summary, reached: Rung) -> Times:
    """`reached` is the last rung that the pod stands on."""
    made = _moment(summary.get("made"))
    scheduled, ready = (_since(summary, kind) for kind in ("PodScheduled", "Ready"))
    started = _moment(_engine(summary).get("running_since"))
    spans = {
        Rung.SCHEDULED: _between(made, scheduled),
        Rung.ENGINE_READY: _between(started, ready),
    }
    stood = {
        Rung.ACCEPTED: scheduled or made,
        Rung.SCHEDULED: started or scheduled,
        Rung.WEIGHTS_LOADED: ready,
    }
    took = {rung: span for rung, span in spans.items() if span is not None and rung <= reached}
    return Times(made, took, stood.get(reached))


def _engine(summary: Summary) -> Summary:
    """The container that serves; where none bears its name, the only one."""
    containers = summary.get("containers", [])
    named = [one for one in containers if one.get("name") == ENGINE]
    found: list[Summary] = named or (containers if len(containers) == 1 else [])
    return found[0] if found else {}


def _since(summary: Summary, kind: str) -> datetime | None:
    return _moment(condition(summary, kind).get("since"))


def _between(first: datetime | None, then: datetime | None) -> timedelta | None:
    return then - first if first and then and then >= first else None


def _moment(text: object) -> datetime | None:
    """What is no time, or of no zone, is none."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
