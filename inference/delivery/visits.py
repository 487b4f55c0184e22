"""One stay at a cluster, and whether it may go on."""

import time
from dataclasses import dataclass

from inference.clusters.client.door import ClusterClient
from inference.clusters.models import Cluster
from inference.delivery.leases import Lease
from inference.delivery.models import Push

FRESH = 1.0
"""Seconds for which a row of the cluster that was just read says that it may be pushed to."""


@dataclass(slots=True)
class Visit:
    """One stay at a cluster: who is asked, under which lease, and until when."""

    client: ClusterClient
    lease: Lease
    until: float
    # When the row of the cluster was read that says that it is active; None when that was used.
    seen_at: float | None

    def goes_on(self, push: Push) -> bool:
        """Whether there is time, and the cluster is still to be pushed to. Asked for each chunk;
        the first one knows it from the row that the visit began with."""
        now = time.monotonic()
        if now >= self.until:
            return False
        is_fresh = self.seen_at is not None and now - self.seen_at < FRESH
        self.seen_at = None
        return is_fresh or Cluster.objects.active().filter(pk=push.cluster_id).exists()
