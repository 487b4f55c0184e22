"""The people that tests are about, and the clock that they share."""

import gc
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.contenttypes.management import create_contenttypes
from django.db.models.signals import post_migrate
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from inference.accounts.models import Membership, Team, User
from tests import databases, requirements
from tests.contract import asked
from tests.contract.asked import Questions
from tests.databases import Postgres
from tests.factories.accounts import RobotFactory, TeamFactory, UserFactory
from tests.remembered import remembered

ROOT = Path(__file__).resolve().parents[1]
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
NEEDS = {"apiserver", "cluster", "postgres", "redis", "browser", "kubectl", "prometheus", "shared"}
REAL = NEEDS - {"shared"} | {"failpoints"}

# Seconds are never asserted: a machine that is busy is not a fault of the code.
settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=25
)
# For `make test-real`: what a few examples find once a week is found here.
settings.register_profile("deep", settings.get_profile("house"), max_examples=250)
settings.load_profile("house")

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_skipped: dict[str, int] = {}


def pytest_sessionstart(session: pytest.Session) -> None:
    """On a clean clone each worker would compile all of it at the same time as the others.

    Each begins with a share of its own, and finds there what the others have compiled of theirs.
    """
    config = session.config
    worker = getattr(config, "workerinput", None)
    if worker is None or [Path(one).name for one in config.args] != config.getini("testpaths"):
        return
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in _test_files()]
    number, of = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
    for name in modules[len(modules) * number // of : len(modules) * (number + 1) // of]:
        import_module(name)


def _test_files() -> list[Path]:
    return sorted((ROOT / "tests").rglob("test_*.py"))


def pytest_configure() -> None:
    """Passwords of tests are no secrets; to stretch each of them takes a third of a second.

    Nor does anybody get a right from Django's rows of permissions, which each test that empties
    the database would write anew.

    And what is collected stays: a fifth of the time went into looking for garbage among it.
    """
    gc.disable()
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, loudly, what this machine cannot do; fail it where WAYBILL_REQUIRE names it."""
    lacking = requirements.missing()
    for item in items:
        names = {mark.name for mark in item.iter_markers()}
        if names & REAL:
            item.add_marker(pytest.mark.real)
        absent = sorted(names & NEEDS & set(lacking))
        for name in absent:
            _skipped[name] = _skipped.get(name, 0) + 1
        if absent and not set(absent) & requirements.REQUIRED:
            item.add_marker(pytest.mark.skip(reason=f"this machine lacks: {', '.join(absent)}"))


def pytest_collection_finish() -> None:
    """Nor is it looked through from now on: that was a tenth of the time of all tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    names = {mark.name for mark in item.iter_markers()}
    absent = names & NEEDS & set(requirements.missing()) & requirements.REQUIRED
    if absent:
        pytest.fail(f"WAYBILL_REQUIRE names {', '.join(sorted(absent))}, and it is not here.")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of what this run could not look at."""
    if not _skipped:
        return
    terminalreporter.section("not tested here")
    for name, count in sorted(_skipped.items()):
        what = requirements.CHECKS[name][1]
        terminalreporter.write_line(f"{name:12}{count:5} tests   needs {what}")


@pytest.fixture(scope="session", autouse=True)
def questions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Questions]:
    """What simulated clusters are asked, here and in processes that tests start."""
    with Questions(tmp_path_factory.mktemp("journals")) as found:
        os.environ["WAYBILL_SIMULATOR_JOURNALS"] = str(found.folder)
        yield found
        del os.environ["WAYBILL_SIMULATOR_JOURNALS"]


@pytest.fixture(autouse=True)
def asked_by_a_test(request: pytest.FixtureRequest, questions: Questions) -> Iterator[None]:
    """No test asks a simulated cluster for what no case of the contract asks for."""
    yield
    entries = questions.taken()
    if request.node.get_closest_marker("contract") is not None:
        asked.remember(entries)
        return
    unknown = asked.unknown(entries)
    assert not unknown, f"no case of the contract asks for this: {unknown}"


@remembered
def member(team: Team, name: str, role: str) -> User:
    """A person with `role` in every environment of `team`."""
    return in_every_environment(team, UserFactory.create(username=name), role)


def in_every_environment(team: Team, user: User, role: str) -> User:
    Membership.objects.bulk_create(
        Membership(team=team, user=user, environment=environment, role=role)
        for environment in ("prod", "stage", "dev")
    )
    return user


@pytest.fixture
def chat(db: None) -> Team:
    return TeamFactory.create(name="chat")


@pytest.fixture
def viewer(chat: Team) -> User:
    return member(chat, "viewer", Membership.Role.VIEWER)


@pytest.fixture
def author(chat: Team) -> User:
    return member(chat, "author", Membership.Role.EDITOR)


@pytest.fixture
def approver(chat: Team) -> User:
    return member(chat, "approver", Membership.Role.APPROVER)


@pytest.fixture
def admin(chat: Team) -> User:
    return member(chat, "admin", Membership.Role.ADMIN)


@pytest.fixture
def outsider(db: None) -> User:
    """Someone of another team."""
    return member(TeamFactory.create(name="search"), "outsider", Membership.Role.ADMIN)


@pytest.fixture
def platform(db: None) -> User:
    """A platform engineer without a role in any team."""
    return UserFactory.create(username="platform", is_platform=True)


@pytest.fixture
def robot(chat: Team) -> User:
    robot = RobotFactory.create(username="robot")
    return in_every_environment(chat, robot, Membership.Role.EDITOR)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with databases.postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def on_postgres(transactional_db: None, postgres: Postgres) -> Iterator[None]:
    """PostgreSQL instead of whatever the run is on; named before fixtures that write rows."""
    with postgres.fresh():
        yield


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(
    request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path
) -> Iterator[str]:
    """Each database in turn, for threads too; named before fixtures that write rows."""
    if request.param == "postgresql":
        request.getfixturevalue("on_postgres")
        yield "postgresql"
    else:
        with databases.on_file(tmp_path):
            yield "sqlite"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium: one for all, since Playwright runs once in a process."""
    with pytest.MonkeyPatch.context() as patch:
        # Playwright's loop stands still while a test asks the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=CHROMIUM
            )
            yield browser
            browser.close()
