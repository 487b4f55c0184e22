"""The project as an app: wherever Django is set up, its Celery app is the current one."""

from django.apps import AppConfig

from console import celery  # noqa: F401  (wake-ups are sent through the current app)


class ConsoleConfig(AppConfig):
    name = "console"
