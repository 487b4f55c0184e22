"""Notices where the database cannot carry them by itself."""

from django.db import models


class Notice(models.Model):
    """What one transaction announced: on SQLite, where a reader asks what is new. A short ring.

    One writer at a time gives the numbers, so they are in commit order. PostgreSQL keeps no rows.
    """

    names = models.TextField()

    def __str__(self) -> str:
        return self.names
