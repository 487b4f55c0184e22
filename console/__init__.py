"""The Django project: how the app is run, nothing of what it does.

Empty on purpose: the `waybill` command lives in here and needs neither Django nor Celery.
"""
