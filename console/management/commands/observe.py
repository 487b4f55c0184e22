"""The observers of one process; start as many as you like, they share the clusters out."""

import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand

from inference.observation.agent import Observer


class Command(BaseCommand):
    help = "Watch every connected cluster, and write down what is there."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        asyncio.run(_observe())


async def _observe() -> None:
    task = asyncio.create_task(Observer().run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    await asyncio.gather(task, return_exceptions=True)
