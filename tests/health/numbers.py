"""A metrics source with its rows, the samples behind it, and the numbers that come of them."""

import time
from ipaddress import ip_network
from typing import Any

from inference.clusters.models import Cluster, EgressRange, MetricsSource
from inference.definitions.models import Placement
from inference.events.models import Notice
from inference.health.measuring import SOURCE
from inference.observation.models import Reading
from inference.simulator.world.prometheus.samples import Samples
from tests.conftest import NOON
from tests.constraints.rows import furnish

House = dict[type, Any]
LOOPBACK = [ip_network("127.0.0.0/8")]


def installed() -> House:
    """A cluster with everything on it, and no number yet."""
    found = furnish()
    Reading.objects.all().delete()
    Notice.objects.all().delete()
    EgressRange.objects.get_or_create(cidr="127.0.0.0/8", defaults={"reason": "tests"})
    return found


def enter(house: House, url: str, **more: Any) -> MetricsSource:
    MetricsSource.objects.all().delete()
    return MetricsSource.objects.create(cluster=house[Cluster], url=url, entered_at=NOON, **more)


def samples_of(*placements: Placement, at: float | None = None) -> Samples:
    """A minute of a vLLM: each second a request more, of one replica, with 3 running."""
    samples, now = Samples(), int(at or time.time())
    for placement in placements:
        own = {
            "namespace": placement.namespace,
            "waybill_placement": placement.object_name,
            "pod": f"{placement.object_name}-1",
        }
        for second in range(now - 120, now, 5):
            page = {
                _key("vllm:num_requests_running", own): 3.0,
                _key("vllm:num_requests_waiting", own): 0.0,
                _key("vllm:request_success_total", {**own, "finished_reason": "stop"}): float(
                    second - now + 1000
                ),
            }
            samples.scrape(placement.object_name, second, page)
    return samples


def _key(name: str, labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({**labels, "__name__": name}.items()))


def number(subject: Any, signal: str, replica: str = "") -> Reading:
    return Reading.objects.get(subject_id=subject.pk, signal=signal, replica=replica, source=SOURCE)
