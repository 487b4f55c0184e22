"""Where Celery and the sweeper find every deed of a machine."""

from inference.changes import tasks as changes
from inference.clusters import tasks as clusters
from inference.delivery import tasks as delivery
from inference.health import tasks as health
from inference.outbox import tasks as outbox

__all__ = ["changes", "clusters", "delivery", "health", "outbox"]
