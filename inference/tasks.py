"""Where Celery and the sweeper find every deed of a machine."""

import inference.changes.tasks
import inference.clusters.tasks
import inference.delivery.tasks
import inference.health.measuring
import inference.health.members
import inference.health.tasks
import inference.outbox.tasks  # noqa: F401  (imported for what they enter)
