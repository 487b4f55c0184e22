"""Whether the audit chains hold, from their first event to their heads."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inference.audit.models import AuditStream
from inference.audit.recording import breaks


class Command(BaseCommand):
    help = "Check every audit chain; fails when an event is missing, altered or out of place."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        streams = AuditStream.objects.order_by("name")
        found = [sentence for stream in streams for sentence in breaks(stream)]
        for sentence in found:
            self.stderr.write(sentence)
        if found:
            raise CommandError(f"{len(found)} breaks in the audit.")
        events = sum(stream.sequence for stream in streams)
        self.stdout.write(f"{len(streams)} chains with {events} events hold.")
