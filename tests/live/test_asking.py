"""Where streams do not get through: the same parts as an answer, and 304 while nothing changes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.sessions.models import Session
from django.db.backends.utils import CursorWrapper

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from tests.api.callers import sign_in
from tests.live.house import House, Topic
from tests.live.test_streams import name_of, rename


def ask(house: House, key: str, change: ChangeRequest, tag: str = "") -> tuple[int, str, str]:
    headers = {"If-None-Match": tag} if tag else {}
    with house.now(key, name_of(change), headers=headers) as page:
        return page.status, page.response.headers["ETag"], page.text()


def until(house: House, key: str, change: ChangeRequest, word: str) -> str:
    """The tag of the first answer that says `word`."""
    for _ in range(500):
        _, tag, text = ask(house, key, change)
        if word in text:
            return tag
    raise AssertionError(f"no answer says {word}")


def test_an_answer_holds_the_parts_of_the_page(
    house: House, author: User, change: ChangeRequest
) -> None:
    status, tag, text = ask(house, sign_in(author), change)

    assert status == 200
    assert text.startswith(f'<hx-partial id="title-{change.pk}" hx-swap="outerMorph">')
    assert tag.startswith('"')


def test_nothing_new_is_304_and_looks_at_no_row(
    house: House, author: User, change: ChangeRequest, shown: Topic
) -> None:
    key = sign_in(author)
    _, tag, _ = ask(house, key, change)

    with asked_by("live-door", "live-render") as statements:
        answers = [ask(house, key, change, tag) for _ in range(20)]

    assert {(status, text) for status, _, text in answers} == {(304, "")}
    assert shown.renders[str(change.pk)] == 1
    assert not [one for one in statements if "inference_changerequest" in one]


@contextmanager
def asked_by(*threads: str) -> Iterator[list[str]]:
    """The statements that these threads of the server execute."""
    found: list[str] = []
    execute = CursorWrapper.execute

    def watched(self: CursorWrapper, sql: str, params: object = None) -> object:
        if threading.current_thread().name.startswith(threads):
            found.append(sql)
        return execute(self, sql, params)

    CursorWrapper.execute = watched
    try:
        yield found
    finally:
        CursorWrapper.execute = execute


def test_what_changes_is_answered_with_another_tag(
    house: House, author: User, change: ChangeRequest
) -> None:
    key = sign_in(author)
    _, before, _ = ask(house, key, change)

    rename(change, "Serve more")

    assert until(house, key, change, "Serve more") != before


def test_what_depends_on_the_person_is_told_in_a_header(
    house: House, author: User, change: ChangeRequest, shown: Topic
) -> None:
    shown.tells = True

    with house.now(author, name_of(change)) as page:
        assert page.response.headers["HX-Trigger"] == f"changed-tests-change-{change.pk}"


def test_somebody_who_signs_out_is_not_answered(
    house: House, author: User, change: ChangeRequest
) -> None:
    key = sign_in(author)
    ask(house, key, change)

    Session.objects.all().delete()

    statuses = []
    for _ in range(500):
        with house.now(key, name_of(change)) as page:
            statuses.append(page.status)
        if statuses[-1] == 401:
            break
    assert statuses[-1] == 401
