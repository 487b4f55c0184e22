"""The web server is killed between a deed and its kept answer; whoever asked asks again.

Nothing of the first request is left; while its key counts as in flight it is not begun twice, and
after that it is done exactly once.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import urllib3
from django.db.models import F

import console.urls  # noqa: F401  (declares every point that a request passes)
from inference import failpoints
from inference.accounts.models import Team, User
from inference.api.models import IdempotentRequest
from inference.audit.models import AuditEvent, AuditStream
from inference.audit.recording import breaks
from inference.changes.models import ChangeRequest, Decision
from inference.outbox.models import OutboxEntry
from tests import databases, servers
from tests.api.house import POOL_DOCUMENT, House, token_for
from tests.databases import on_file

pytestmark = [pytest.mark.failpoints, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90
KILLED = -9
POINT = "api.before_answer_is_kept"
KEY = "sent-twice"

Deed = tuple[str, str, dict[str, Any], Callable[[], int]]


@pytest.fixture
def filed(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """Rows that another process may use; named before fixtures that write some."""
    with on_file(tmp_path):
        yield


@contextmanager
def web(folder: Path, script: str = "") -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    """A web server on the rows of this test."""
    port = servers.free_port()
    with (folder / "web.log").open("ab") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "uvicorn", "console.asgi:application"),
                *("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": databases.url(),
                "WAYBILL_FAILPOINTS": script,
            },
            stdout=log,
            stderr=log,
        )
        try:
            until_it_answers(f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}/api/v1/", process
        finally:
            process.terminate()
            process.wait(PATIENCE)


def until_it_answers(url: str) -> None:
    """Whatever it says: its rows were made without migrations."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            urllib3.request("GET", url, retries=False)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)


def send(base: str, token: str, path: str, body: dict[str, Any]) -> urllib3.BaseHTTPResponse:
    return urllib3.request(
        "POST",
        base + path,
        body=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": KEY,
            "If-Match": '"1"',
        },
        retries=False,
        timeout=PATIENCE,
    )


def new_team(house: House) -> Deed:
    return "platform", "teams/", {"name": "new"}, Team.objects.filter(name="new").count


def draft(house: House) -> Deed:
    edit = {"verb": "create", "kind": "hardware-pool", "name": "more", "document": POOL_DOCUMENT}
    body = {"team": "chat", "reason": "more room", "edits": [edit]}
    drafted = ChangeRequest.objects.filter(reason="more room", title__contains="more")
    return "author", "change-requests/", body, drafted.count


def submit(house: House) -> Deed:
    asked = OutboxEntry.objects.filter(topic="changes.plan")
    return "author", f"change-requests/{house.draft.pk}/submit/", {}, asked.count


def approve(house: House) -> Deed:
    assert house.change.plan is not None
    body = {"plan_hash": house.change.plan.hash, "comment": "seen"}
    path = f"change-requests/{house.change.pk}/approve/"
    return "approver", path, body, Decision.objects.count


@pytest.mark.parametrize("deed", [new_team, draft, submit, approve])
def test_a_deed_whose_server_dies_before_it_commits_is_done_once(
    filed: None,
    house: House,
    platform: User,
    approver: User,
    tmp_path: Path,
    deed: Callable[[House], Deed],
) -> None:
    who, path, body, count = deed(house)
    token = token_for(User.objects.get(username=who))
    events = AuditEvent.objects.count()

    with web(tmp_path, f"{POINT}:kill@1") as (base, process):
        with pytest.raises(urllib3.exceptions.HTTPError):
            send(base, token, path, body)
        assert process.wait(PATIENCE) == KILLED

    assert (count(), AuditEvent.objects.count()) == (0, events)
    with web(tmp_path) as (base, _):
        in_flight = send(base, token, path, body)
        IdempotentRequest.objects.update(begun_at=F("begun_at") - timedelta(minutes=2))
        done, again = (send(base, token, path, body) for _ in range(2))
    assert (in_flight.status, in_flight.json()["code"]) == (409, "idempotency-key-in-flight")
    assert done.status in {200, 201, 202}, done.data
    assert (again.status, again.data) == (done.status, done.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (count(), AuditEvent.objects.count()) == (1, events + 1)
    assert [list(breaks(stream)) for stream in AuditStream.objects.all()] == [
        [] for _ in AuditStream.objects.all()
    ]


def test_every_declared_point_of_rest_is_one_that_this_suite_kills_at() -> None:
    assert {point for point in failpoints.POINTS if point.startswith("api.")} == {POINT}
