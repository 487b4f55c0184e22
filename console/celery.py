"""Celery: an executor and a wake-up. Rows are the truth; nothing here is remembered."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

app = Celery("waybill")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["inference"], related_name="tasks")
