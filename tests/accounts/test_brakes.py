"""Guesses at once: however many begin together, no more of them count for nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from inference.accounts import brakes
from inference.accounts.models import SignInBrake
from inference.errors import Refusal
from tests.databases import on_file

GUESSES = 12


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_pass_the_brake_no_oftener_than_one_after_the_other(tmp_path: Path) -> None:
    together = threading.Barrier(GUESSES)

    def guess(_number: int) -> bool:
        try:
            together.wait(30)
            brakes.count("author", "")
        except Refusal:
            return False
        finally:
            connection.close()
        return True

    with on_file(tmp_path), ThreadPoolExecutor(GUESSES) as threads:
        passed = sum(threads.map(guess, range(GUESSES)))
        counted = SignInBrake.objects.get(pk__startswith=SignInBrake.Subject.ACCOUNT).failures

    # On a busy machine the first waits, of seconds, are over before the last guess has begun.
    assert brakes.FREE[SignInBrake.Subject.ACCOUNT] + 1 <= passed < GUESSES
    assert counted == passed
