"""The first person who may sign in: without one, nobody can make a second."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from inference.accounts.models import User
from inference.audit.recording import record


class Command(BaseCommand):
    help = "Make the first administrator and print a password that holds until it is changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    @transaction.atomic
    def handle(self, *args: Any, username: str, **options: Any) -> None:
        del args, options
        if User.objects.filter(is_superuser=True, is_active=True).exists():
            raise CommandError("There is an administrator already; ask them for an account.")
        password = secrets.token_urlsafe(18)
        user = User.objects.create_superuser(username=username, password=password)
        User.objects.filter(pk=user.pk).update(is_platform=True)
        record(
            verb="made the first administrator",
            subject_kind="user",
            subject_id=user.pk,
            subject_name=username,
            by=None,
            at=timezone.now(),
        )
        self.stdout.write(f"{username} may sign in with the password {password}")
