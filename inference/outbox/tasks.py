"""The one Celery task: a wake-up that names a row. Lost, late or tenfold, it changes nothing."""

from celery import shared_task

from inference.outbox import running
from inference.outbox.posting import WAKE_TASK


@shared_task(name=WAKE_TASK, ignore_result=True)
def wake(*, topic: str, key: str, **_of_another_release: object) -> None:
    """Do that row, if it is due and free, and what follows from it."""
    running.work(topic, key)
