"""What holds for every page: who is let in, what a browser may carry out, and what goes wrong."""

from collections.abc import Callable, Iterator
from typing import Any

from django.test import Client, RequestFactory
from django.urls import get_resolver

from inference.accounts.models import User
from inference.clusters.models import Cluster
from inference.web import problems
from inference.web.frame import MOST_CHOICES
from tests.api.house import House
from tests.factories.clusters import ClusterFactory
from tests.web import scenes
from tests.web.markup import faults, words

Browse = Callable[[User | None], Client]
FOR_EVERYBODY = {"sign-in", "sign-out", "theme"}


def names_of(house: House) -> dict[str, Any]:
    """What addresses name, as it is called in the house."""
    return {
        "number": house.change.pk,
        "ordinal": 0,
        "verdict": "approve",
        "team": house.team.name,
        "cluster": house.cluster.name,
        "deed": "probe",
        "token": house.token.pk,
        "username": house.change.author.username,
        "what": "grant",
        "key": str(house.grant.pk),
    }


def _name_in(house: House, page: str) -> str:
    """What is called so on the pages of this noun."""
    rows = {"served-model": house.model, "hardware-pool": house.pool, "route": house.route}
    return next((row.name for noun, row in rows.items() if page.startswith(noun)), "")


def addresses(house: House) -> Iterator[tuple[str, str]]:
    """The name and the address of every page."""
    everything = names_of(house)
    doors = get_resolver().url_patterns
    pages = next(one for one in doors if getattr(one, "namespace", "") == "web")
    for pattern in pages.url_patterns:
        name = str(pattern.name)
        known = everything | {"name": _name_in(house, name)}
        wanted = pattern.pattern.converters
        address = str(pattern.pattern)
        for one, converter in wanted.items():
            kind = next(k for k in _kinds() if f"<{k}:{one}>" in address)
            address = address.replace(f"<{kind}:{one}>", converter.to_url(known[one]))
        yield name, f"/{address}"


def _kinds() -> list[str]:
    return ["number", "name", "username", "environment", "code", "uuid", "str"]


def test_every_page_but_the_door_asks_who_is_there(house: House, browse: Browse) -> None:
    browser = browse(None)
    let_in = []
    for name, address in addresses(house):
        answers = [browser.get(address), browser.post(address)]
        if name in FOR_EVERYBODY:
            continue
        asked, sent = answers
        is_led = asked.status_code == 302 and asked["Location"].startswith("/sign-in/")
        is_kept = sent.status_code == 401 and "You are signed out." in sent.content.decode()
        if not ((is_led or asked.status_code == 405) and (is_kept or sent.status_code == 405)):
            let_in.append(name)

    assert let_in == []


def test_no_page_holds_what_the_policy_forbids(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    scenes.in_review(house, author)
    browser = browse(approver)
    found = {}
    for _, address in addresses(house):
        response = browser.get(address, follow=True)
        if response.status_code == 200 and "html" in response["Content-Type"]:
            found[address] = faults(response.content.decode())

    assert found
    assert {address: one for address, one in found.items() if one} == {}


def test_each_page_sends_the_policy_and_is_not_kept(approver: User, browse: Browse) -> None:
    response = browse(approver).get("/change-requests/")

    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "font-src 'self'" in policy
    assert response["Cache-Control"] == "no-store"


def test_what_is_not_there_says_so_in_the_frame(approver: User, browse: Browse) -> None:
    response = browse(approver).get("/nowhere/")
    page = words(response.content.decode())

    assert response.status_code == 404
    assert "There is no such page that you may see." in page
    assert "Changes" in page
    assert response["X-Request-Id"] in page


def test_a_host_that_is_not_ours_is_refused_by_every_door(browse: Browse) -> None:
    for address in ("/", "/sign-in/", "/change-requests/"):
        response = browse(None).get(address, headers={"Host": "elsewhere.example"})

        assert response.status_code == 400
        assert "This request could not be read." in response.content.decode()


def test_a_host_that_is_not_ours_is_refused_under_rest_by_a_problem(browse: Browse) -> None:
    for method in ("get", "post"):
        door = getattr(browse(None), method)
        response = door("/api/v1/change-requests/", headers={"Host": "elsewhere.example"})

        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"
        problem = response.json()
        assert (problem["code"], problem["status"]) == ("host-unknown", 400)
        assert problem["request_id"] == response["X-Request-Id"]


def test_a_page_that_failed_names_the_request(rf: RequestFactory) -> None:
    response = problems.failed(rf.get("/"))

    page = words(response.content.decode())
    assert response.status_code == 500
    assert "Models go on serving; only the console has failed." in page
    assert faults(response.content.decode()) == []


def test_what_a_person_wrote_is_never_markup(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    evil = '<img src=x onerror="alert(1)">'
    change = scenes.in_review(house, author, title=evil)
    browser = browse(approver)

    pages = [
        browser.get(f"/change-requests/{change.pk}/"),
        browser.get("/change-requests/?view=all&q=%3Cimg"),
        browser.get("/search/?q=%3Cimg"),
    ]

    assert all(evil not in page.content.decode() for page in pages)
    assert all("&lt;img" in page.content.decode() for page in pages)


def test_the_scope_is_kept_by_links_and_offers_what_the_reader_sees(
    house: House, approver: User, outsider: User, browse: Browse
) -> None:
    mine = browse(approver).get("/change-requests/?team=chat&cluster=east-0")
    theirs = browse(outsider).get("/change-requests/")

    assert "/change-requests/?team=chat&amp;cluster=east-0" in mine.content.decode()
    assert mine.context["frame"]["clusters"] == ["east-0"]
    assert theirs.context["frame"]["clusters"] == []
    assert theirs.context["frame"]["teams"] == ["search"]


def test_the_scope_of_a_large_fleet_is_typed(house: House, platform: User, browse: Browse) -> None:
    Cluster.objects.bulk_create(ClusterFactory.build() for _ in range(MOST_CHOICES))

    page = browse(platform).get("/change-requests/?cluster=east-0").content.decode()

    assert '<input class="input" id="scope-cluster" name="cluster" value="east-0"' in page
    assert page.count("cluster-") < MOST_CHOICES


def test_search_finds_changes_and_pages_for_htmx_and_without(
    house: House, approver: User, outsider: User, browse: Browse
) -> None:
    wanted = f"/search/?q=%23{house.change.pk}"
    part = browse(approver).get(wanted, headers={"HX-Request": "true"}).content.decode()
    page = browse(approver).get("/search/?q=chan").content.decode()
    theirs = browse(outsider).get(wanted).content.decode()

    assert part.lstrip().startswith('<ul id="found"')
    assert f'data-leads="/change-requests/{house.change.pk}/"' in part
    assert 'href="/change-requests/"' in page
    assert f'href="/change-requests/{house.change.pk}/"' not in theirs


def test_search_finds_definitions_clusters_and_deeds_that_the_reader_may_see(
    house: House, approver: User, outsider: User, browse: Browse
) -> None:
    wanted = {
        house.route.name: f"/routes/chat/{house.route.name}/",
        house.model.name: f"/served-models/chat/{house.model.name}/",
        house.pool.name: f"/hardware-pools/chat/{house.pool.name}/",
        house.cluster.name: f"/clusters/{house.cluster.name}/",
    }

    for name, address in wanted.items():
        assert address in browse(approver).get(f"/search/?q={name}").content.decode()
        assert address not in browse(outsider).get(f"/search/?q={name}").content.decode()
    assert "/routes/new/" in browse(approver).get("/search/?q=draft a route").content.decode()


def test_pages_are_compressed_and_what_if_match_finds_again_is_not(
    house: House, author: User, browse: Browse
) -> None:
    browser = browse(author)
    address, taking = f"/change-requests/{house.change.pk}/", {"Accept-Encoding": "gzip"}

    page = browser.get(address, headers=taking)
    row = browser.get(f"/api/v1{address}", headers=taking)

    assert page["Content-Encoding"] == "gzip"
    assert (row.status_code, row.get("Content-Encoding")) == (200, None)
    assert row["ETag"].startswith('"')
