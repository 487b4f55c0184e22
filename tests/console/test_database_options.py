"""How connections are set up, as the database itself tells it."""

import pytest
from django.db import connection

from inference.accounts.models import Team

pytestmark = pytest.mark.postgres
LIKE_THIS = """
SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%"inference_team"."name"%'
"""


def test_a_statement_that_is_used_often_is_planned_once(on_postgres: None) -> None:
    for name in ("one", "two", "three", "four", "five", "six"):
        Team.objects.filter(name=name).exists()

    with connection.cursor() as ask:
        ask.execute(LIKE_THIS)
        assert ask.fetchone() == (1,)
