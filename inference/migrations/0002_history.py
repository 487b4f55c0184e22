"""Triggers: history is added to and read, and nobody decides on what they had a hand in."""

from django.db import migrations

from inference.audit import immutability
from inference.changes import triggers


def install(apps, editor):
    vendor = editor.connection.vendor
    immutability.install(vendor, editor.execute, triggers.HISTORY)
    triggers.install(vendor, editor.execute)


def remove(apps, editor):
    vendor = editor.connection.vendor
    triggers.remove(vendor, editor.execute)
    immutability.remove(vendor, editor.execute, triggers.HISTORY)


class Migration(migrations.Migration):
    dependencies = [("inference", "0001_tables")]
    operations = [migrations.RunPython(install, remove)]
