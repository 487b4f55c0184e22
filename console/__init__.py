"""The Django project: how the app is run, nothing of what it does."""

from console.celery import app as celery_app

__all__ = ["celery_app"]
