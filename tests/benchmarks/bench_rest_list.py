"""P13, api-list: a page of 100 rows of REST, and Django's own `.values_list()` with orjson.

Both know who asks, by the same token, and both pass the same middleware.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import orjson
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.test.utils import override_settings
from django.urls import include, path
from django.utils import timezone

from inference.accounts import tokens
from inference.accounts.models import Membership, Team, User
from inference.accounts.policies import teams_of
from inference.api.audit_events import AuditEventShape
from inference.api.shapes import columns_of
from inference.audit.models import AuditEvent, AuditStream
from tests.benchmarks.long_lists import event
from tests.benchmarks.report import Row, paired

ROWS = 10_000
CALLS = 40
LIST = "/api/v1/audit-events/?limit=100"
COLUMNS = columns_of(AuditEventShape)


def bare(request: HttpRequest) -> HttpResponse:
    token = tokens.find(request.META["HTTP_AUTHORIZATION"].removeprefix("Bearer "))
    if token is None:
        return HttpResponse(status=401)
    # By their keys, so that the index in the order of time serves: the peer at its best.
    teams = list(teams_of(token.owner).values_list("pk", flat=True))
    events = AuditEvent.objects.filter(team__in=teams).order_by("-at", "-pk")
    rows = [
        dict(zip(COLUMNS, row, strict=True)) for row in events.values_list(*COLUMNS.values())[:100]
    ]
    for row in rows:
        for name in ("before", "after"):
            row[name] = orjson.loads(row[name]) if row[name] else None
    return HttpResponse(orjson.dumps({"items": rows}), content_type="application/json")


urlpatterns = [path("bare/", bare), path("", include("console.urls"))]


def measure() -> Iterator[Row]:
    with database() as token, override_settings(ROOT_URLCONF=__name__):
        client = Client(headers={"Authorization": f"Bearer {token}"})
        client.handler = ClientHandler(enforce_csrf_checks=False)

        def ours() -> None:
            ask(client, LIST)

        def theirs() -> None:
            ask(client, "/bare/")

        mine, peer, _, ratio = paired(ours, theirs, runs=9)
    notes = (
        f"CPU {mine.cpu / CALLS * 1000:.2f} ms and {peer.cpu / CALLS * 1000:.2f} ms a page of 100"
    )
    yield Row("rest-list", ratio, 1.5, notes)


def ask(client: Client, address: str) -> None:
    for _ in range(CALLS):
        response = client.get(address)
        if response.status_code != 200 or len(orjson.loads(response.content)["items"]) != 100:
            raise RuntimeError(f"{address} answered {response.status_code}.")


@contextmanager
def database() -> Iterator[str]:
    """A database of its own, with many events of one team; yields a token of its viewer."""
    connection.settings_dict["TEST"]["MIGRATE"] = False
    before = settings.DATABASES["default"]["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield furnish()
    finally:
        connection.creation.destroy_test_db(str(before), verbosity=0)


def furnish() -> str:
    at = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    team = Team.objects.create(name="chat")
    user = User.objects.create(username="viewer")
    Membership.objects.create(team=team, user=user, environment="prod", role="viewer")
    stream = AuditStream.objects.create(name="team:chat")
    AuditEvent.objects.bulk_create(event(stream, team, user, place, at) for place in range(ROWS))
    now = timezone.now()
    _, token = tokens.issue(
        owner=user, name="bench", scopes=set(), expires_at=now + timedelta(days=1), by=user, at=now
    )
    return token
