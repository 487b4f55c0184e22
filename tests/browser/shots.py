"""Every page in every state, to look at: `pytest tests/browser/shots.py` writes into var/shots.

Nothing is asserted but that each page comes. Light, dark, and on a phone; empty, with one row,
with 5,000 of each, forbidden, stale, broken.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone
from playwright.sync_api import Page

from inference.accounts.models import Membership, Team, Token, User
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from inference.definitions.models import HardwarePool, Route, ServedModel
from inference.delivery.models import Push, PushOutcome
from inference.messages import clusters as messages
from inference.messages import metrics, planning
from inference.planning.values import Check
from inference.web.problems import failed
from tests.api.house import House, token_for
from tests.browser.shooting import Shoot
from tests.conftest import member
from tests.factories.accounts import TeamFactory, UserFactory
from tests.factories.clusters import ClusterFactory, GrantFactory
from tests.web import scenes
from tests.web.replicas import replicas
from tests.web.test_numbers import enter, tell

pytestmark = pytest.mark.browser

LISTS = {
    "overview": "/",
    "changes": "/change-requests/?view=all",
    "models": "/served-models/",
    "pools": "/hardware-pools/",
    "routes": "/routes/",
    "clusters": "/clusters/",
    "audit": "/audit-events/",
    "tokens": "/settings/tokens/",
    "people": "/settings/people/",
    "teams": "/settings/teams/",
    "allowances": "/settings/allowances/",
    "search": "/search/?q=a",
}
MANY = 5000
State = ChangeRequest.State


@pytest.fixture
def reader(admin: User) -> User:
    """Who sees every page: an admin of the team who is platform too."""
    User.objects.filter(pk=admin.pk).update(is_platform=True)
    admin.refresh_from_db()
    return admin


def test_empty(transactional_db: None, chat: Team, viewer: User, shoot: Shoot) -> None:
    for name, address in LISTS.items():
        shoot("empty", name, viewer, address)
    shoot("empty", "filtered", viewer, "/change-requests/?view=all&q=nothing-like-it")
    shoot("empty", "mine", viewer, "/change-requests/?view=needs-me")
    shoot("empty", "sign-in", None, "/sign-in/")


def test_one(house: House, reader: User, author: User, viewer: User, shoot: Shoot) -> None:
    change = scenes.in_review(house, author, objects=3)
    draft = scenes.drafted(house, author, title="Sleep at night")
    team = house.team.name
    details = {
        "change": f"/change-requests/{change.pk}/",
        "step": f"/change-requests/{change.pk}/steps/0/",
        "model": f"/served-models/{team}/{house.model.name}/",
        "pool": f"/hardware-pools/{team}/{house.pool.name}/",
        "route": f"/routes/{team}/{house.route.name}/",
        "cluster": f"/clusters/{house.cluster.name}/",
        "team": f"/settings/teams/{team}/",
        "model-edit": f"/served-models/{team}/{house.model.name}/edit/",
        "model-delete": f"/served-models/{team}/{house.model.name}/delete/",
        "route-edit": f"/routes/{team}/{house.route.name}/edit/",
        "pool-new": "/hardware-pools/new/",
        "connect": "/connect/",
    }
    for name, address in (LISTS | details).items():
        shoot("one", name, reader, address)
    shoot("one", "change-author", author, details["change"])
    shoot("one", "draft", author, f"/change-requests/{draft.pk}/")
    shoot("one", "revise", author, f"/change-requests/{draft.pk}/edits/0/")
    shoot("one", "palette", reader, "/", lambda page: page.keyboard.press("Control+k"))


def test_seen(house: House, reader: User, shoot: Shoot) -> None:
    """Replicas at each rung."""
    team = house.team.name
    replicas(
        house,
        first={"made": 86_400 * 3, "scheduled": 86_400 * 3 - 2, "started": 9000, "ready": 8300},
        next={"made": 400, "scheduled": 398, "started": 380},
        last={"made": 3700, "refused": 3700},
    )
    shoot("one", "model-seen", reader, f"/served-models/{team}/{house.model.name}/")
    shoot("one", "route-seen", reader, f"/routes/{team}/{house.route.name}/")


def test_many(house: House, reader: User, author: User, shoot: Shoot) -> None:
    _many(house, author)
    for name, address in LISTS.items():
        shoot("many", name, reader, address)
    shoot("many", "changes-last", reader, "/change-requests/?view=all&page=101")
    shoot("many", "models-found", reader, "/served-models/?q=longest")


def test_forbidden(house: House, viewer: User, outsider: User, author: User, shoot: Shoot) -> None:
    change = scenes.in_review(house, author)
    team = house.team.name
    shoot("forbidden", "change-viewer", viewer, f"/change-requests/{change.pk}/")
    shoot("forbidden", "change-outsider", outsider, f"/change-requests/{change.pk}/")
    shoot("forbidden", "form-viewer", viewer, f"/served-models/{team}/{house.model.name}/edit/")
    shoot("forbidden", "connect-author", author, "/connect/")
    shoot("forbidden", "people-author", author, "/settings/people/")
    shoot("forbidden", "allowances-author", author, "/settings/allowances/")
    shoot("forbidden", "cluster-author", author, f"/clusters/{house.cluster.name}/")
    shoot("forbidden", "nowhere", viewer, "/nowhere/")


def test_error(house: House, reader: User, author: User, approver: User, shoot: Shoot) -> None:
    for name, change in _faults(house, author, approver):
        shoot("error", name, author, f"/change-requests/{change.pk}/")
    Cluster.objects.filter(pk=house.cluster.pk).update(
        problem_code=messages.CREDENTIAL_EXPIRED.code, contacted_at=timezone.now()
    )
    shoot("error", "cluster", reader, f"/clusters/{house.cluster.name}/")
    shoot("error", "cluster-author", author, f"/clusters/{house.cluster.name}/")
    shoot("error", "clusters", reader, "/clusters/")
    edit = f"/served-models/{house.team.name}/{house.model.name}/edit/"
    shoot("error", "form", author, edit, _spoil)
    shoot("error", "sign-in", None, "/sign-in/", _knock)
    shoot("error", "failed", author, "/search/", _break)


def test_stale(house: House, reader: User, author: User, approver: User, shoot: Shoot) -> None:
    """Plans, numbers and tokens that time has passed by. Silence is in `shots_living.py`."""
    team = house.team.name
    for name, more in (
        ("plan", {}),
        ("plan-anew", {"state": State.PLANNING}),
        ("plan-expired", {"state": State.EXPIRED, "finished_at": timezone.now()}),
    ):
        change = scenes.in_review(house, author)
        ChangeRequest.objects.filter(pk=change.pk).update(stale=name != "plan-expired", **more)
        shoot("stale", name, approver, f"/change-requests/{change.pk}/")
    _old_numbers(house)
    shoot("stale", "numbers-route", reader, f"/routes/{team}/{house.route.name}/")
    shoot("stale", "numbers-model", reader, f"/served-models/{team}/{house.model.name}/")
    shoot("stale", "numbers-cluster", reader, f"/clusters/{house.cluster.name}/")
    past = timezone.now() - timedelta(days=3)
    Token.objects.filter(owner=author).update(created_at=past - timedelta(days=30), expires_at=past)
    shoot("stale", "tokens", author, "/settings/tokens/")
    shoot("stale", "unheard", author, f"/change-requests/{change.pk}/", _hear_nothing)


def _old_numbers(house: House) -> None:
    """Read five minutes ago; the source has refused since."""
    read = timezone.now().replace(microsecond=0) - timedelta(minutes=5)
    enter(
        house, read_at=read, problem_code=metrics.UNAUTHORIZED.code, problem_params={"status": 401}
    )
    tell(house, house.placement)
    tell(house, house.placement, value=7.0, replica="llama-0-x-abc-1")
    tell(house, house.route, subject_kind="route", params={"known": 1, "backends": 1})


def _hear_nothing(page: Page) -> None:
    """Half a minute without a word from the console."""
    page.clock.install()
    page.reload()
    page.wait_for_selector('#live[data-state="live"]')
    page.route("**/live/**", lambda _: None)  # as one that hangs
    page.clock.fast_forward(31_000)
    page.wait_for_selector('#live[data-state="lost"]')


def _faults(house: House, author: User, approver: User) -> Iterator[tuple[str, ChangeRequest]]:
    """A change for each fault. Each is about the model of the house."""
    for name, outcome, code, params in (
        ("denied", "rejected", messages.DENIED_BY_ADMISSION, {"detail": "no answer but 42"}),
        ("namespace", "rejected", messages.NAMESPACE_MISSING, {"namespace": "llm-chat"}),
        (
            "conflict",
            "contended",
            messages.FIELD_CONFLICT,
            {"managers": "kubectl-scale", "fields": ".spec.replicas"},
        ),
        ("moved", "rejected", messages.UID_MISMATCH, {}),
    ):
        change = scenes.in_review(house, author, objects=2)
        yield (
            name,
            scenes.started(
                change,
                approver,
                state=State.FAILED,
                outcome=outcome,
                code=code.code,
                params=params,
            ),
        )
    for name, message in (
        ("unreachable", messages.UNREACHABLE),
        ("credential", messages.CREDENTIAL_EXPIRED),
    ):
        change = scenes.started(
            scenes.in_review(house, author, objects=2),
            approver,
            state=State.APPLYING,
            outcome=PushOutcome.Outcome.PENDING,
        )
        Push.objects.filter(change=change).update(problem_code=message.code)
        yield name, change
    red = Check(
        "accepted",
        "red",
        planning.NAMESPACE_MISSING,
        {"cluster": house.cluster.name, "namespace": "llm-chat"},
        cluster=house.cluster.name,
    )
    yield "red", scenes.in_review(house, author, checks=[red])
    yield "verifying", scenes.started(scenes.in_review(house, author), approver)
    yield "done", scenes.started(scenes.in_review(house, author), approver, state=State.SUCCEEDED)


def _spoil(page: Page) -> None:
    page.get_by_label("Replicas").first.fill("many")
    page.get_by_label("Reason").fill("More people")
    page.get_by_label("Weights").fill("ftp://somewhere")
    page.get_by_role("button", name="Draft change").click()


def _knock(page: Page) -> None:
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("a guess")
    page.get_by_role("button", name="Sign in").click()


def _break(page: Page) -> None:
    """The page for a fault of the console itself, as the browser gets it."""
    body = failed(RequestFactory().get("/")).content.decode()
    page.route("**/broken/", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto("/broken/")


def _many(house: House, author: User) -> None:
    """5,000 of each, the first with names and titles as long as they may be."""
    now, team = timezone.now(), house.team
    names = [f"longest-of-all-the-names-that-there-{n:04d}" for n in range(MANY)]
    title = "A title that says at length what this is about, for whom, since when, and why at all "
    ChangeRequest.objects.bulk_create(
        ChangeRequest(
            title=f"{title * 2}{n}"[:200] if n % 7 == 0 else f"Change {n}",
            reason="because",
            team=team,
            author=author,
            created_at=now,
        )
        for n in range(MANY)
    )
    for row in (house.model, house.pool, house.route):
        _copies(row, names, title)
    ClusterFactory.create_batch(200)
    for cluster in Cluster.objects.exclude(pk=house.cluster.pk)[:200]:
        GrantFactory.create(cluster=cluster, team=team, namespace="llm-chat")
    TeamFactory.create_batch(200)
    UserFactory.create_batch(200)
    for n in range(60):
        member(team, f"person-with-a-long-name-{n}", Membership.Role.VIEWER)
        token_for(author)


def _copies(row: ServedModel | HardwarePool | Route, names: list[str], title: str) -> None:
    table = type(row)
    shared = {
        field.attname: getattr(row, field.attname)
        for field in table._meta.concrete_fields
        if field.name not in {"id", "name", "title", "hostname"}
    }
    own = [{"hostname": f"{name}.example"} if table is Route else {} for name in names]
    table.objects.bulk_create(
        table(**shared, **more, name=name, title=title if n % 5 == 0 else "")
        for n, (name, more) in enumerate(zip(names, own, strict=True))
    )
