"""The audit: who did what and when, in sentences; its codes are what REST gives."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from inference.accounts.models import User
from inference.audit.recording import record
from inference.web.audit_words import SAID, deed_of, differences, shown
from tests.api.house import House
from tests.web import scenes
from tests.web.markup import words

Browse = Callable[[User | None], Client]


@pytest.mark.parametrize(
    ("kind", "verb", "said"),
    [
        ("change-request", "drafted", "drafted change X"),
        ("change-request", "sent back", "sent change X back"),
        ("change-request", "succeeded", "saw change X arrive"),
        ("change-request", "failed", "stopped change X: it failed"),
        ("change-request", "could not be planned", "could not plan change X"),
        ("push", "push succeeded", "saw push X arrive"),
        ("cluster", "entered the metrics source of", "entered the metrics source of cluster X"),
        ("egress-range", "allowed", "allowed range X"),
        ("grant", "granted", "granted namespace X"),
        ("environment-rule", "set the rule of", "changed the pairs of eyes in environment X"),
        ("user", "set the role of", "gave a role to X"),
        ("token", "issued", "issued token X"),
        ("something-new", "done to", "done to something new X"),
    ],
)
def test_a_deed_is_a_sentence(kind: str, verb: str, said: str) -> None:
    before, behind = deed_of(kind, verb)

    assert f"{before} X{behind}" == said


def test_each_sentence_has_a_place_for_what_it_was_done_to() -> None:
    assert [one for said in SAID.values() for one in said.values() if one.count("{}") != 1] == []


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("update served-model x", "changed model x"),
        ("create hardware-pool update-x", "new pool update-x"),
        ("delete route x", "deleted route x"),
        (
            "update served-model x, taking back by force spec.replicas of Deployment x",
            "changed model x, taking back by force spec.replicas of Deployment x",
        ),
        ("of another release", "of another release"),
    ],
)
def test_an_edit_is_told_as_a_person_would(edit: str, said: str) -> None:
    assert shown("edits", [edit]) == said


def test_what_was_entered_says_what_it_has_and_a_change_what_it_had() -> None:
    assert differences(None, {"url": "http://a", "ca_pem": "", "title": None}) == [
        ("Address", "", "http://a")
    ]
    assert differences({"state": "in-review"}, {"state": "approved"}) == [
        ("State", "in review", "approved")
    ]
    assert differences({"name": "west"}, {}) == [("Name", "west", "none")]


def test_one_certificate_differs_from_another() -> None:
    pem = "-----BEGIN CERTIFICATE-----\n{}"

    ((title, old, new),) = differences({"ca_pem": pem.format(1)}, {"ca_pem": pem.format(2)})

    assert title == "CA"
    assert old.startswith("a certificate, ")
    assert old != new


def test_the_page_tells_what_was_drafted_and_rest_keeps_the_code(
    house: House, author: User, viewer: User, browse: Browse
) -> None:
    change = scenes.drafted(house, author)
    browser = browse(viewer)

    page = words(browser.get(f"/audit-events/?q={change.title}").content.decode())
    events = browser.get(f"/api/v1/audit-events/?subject_id={change.pk}").json()["items"]

    told = f"drafted change #{change.pk} {change.title} changed model {house.model.name}"
    assert told in page
    assert [one["verb"] for one in events] == ["drafted"]
    assert events[0]["after"]["edits"] == [f"update served-model {house.model.name}"]


def test_a_deed_is_found_by_its_words_and_by_its_code(
    house: House, author: User, viewer: User, browse: Browse
) -> None:
    change = scenes.drafted(house, author)
    with transaction.atomic():
        record(
            verb="succeeded",
            subject_kind="change-request",
            subject_id=change.pk,
            subject_name=change.title,
            by=None,
            at=timezone.now(),
            team=house.team,
        )
    browser = browse(viewer)

    def found(verb: str) -> set[str]:
        rows = browser.get(f"/audit-events/?verb={verb}").context["rows"]
        return {row["event"].verb for row in rows}

    assert found("Saw") == found("succeeded") == found("arrive") == {"succeeded"}
    assert found("drafted") == {"drafted"}
    assert found("nothing like it") == set()
