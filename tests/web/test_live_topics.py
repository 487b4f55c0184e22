"""Topics of pages: theirs only who may see the page, and the same bytes as its first rendering."""

import re
from collections.abc import Callable
from importlib import import_module

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from inference.accounts.models import Team, User
from inference.changes import actions
from inference.clusters.models import LiveObject
from inference.definitions.models import ServedModel
from inference.delivery.models import DesiredObject
from inference.events.models import Notice
from inference.live.registry import Feed, feed_of
from inference.web import streams
from tests.api.house import House, furnish
from tests.web import scenes
from tests.web.markup import words

import_module(settings.ROOT_URLCONF)  # every page enters its topics
Browse = Callable[[User | None], Client]
OWN = {"for-you"}


def topics(house: House) -> dict[str, str]:
    """By topic, the page that follows it."""
    return {
        f"served-model:{house.model.pk}": f"/served-models/{house.team.name}/{house.model.name}/",
        f"route:{house.route.pk}": f"/routes/{house.team.name}/{house.route.name}/",
        f"cluster:{house.cluster.pk}": f"/clusters/{house.cluster.name}/",
        "overview:": "/",
        f"hardware-pool:{house.pool.pk}": f"/hardware-pools/{house.team.name}/{house.pool.name}/",
        streams.rows_key("served-model-rows", [house.model.pk]): "/served-models/",
        streams.rows_key("route-rows", [house.route.pk]): "/routes/",
        streams.rows_key("hardware-pool-rows", [house.pool.pk]): "/hardware-pools/",
    }


def feed(user: User, name: str) -> Feed:
    found = feed_of(user, name)
    assert found is not None, name
    return found


def squeezed(html: str) -> str:
    """Without what templates put between lines, and without ages that move on."""
    return re.sub(r"\d+ (s|min)\b", "", re.sub(r"\s+", " ", html))


def test_each_part_is_what_the_page_shows_at_first(
    house: House, viewer: User, browse: Browse
) -> None:
    browser = browse(viewer)
    for name, address in topics(house).items():
        page = squeezed(browser.get(address).content.decode())

        parts = feed(viewer, name).show()

        assert parts, name
        for identity, html in parts.items():
            assert f'id="{identity}"' in html
            assert squeezed(html).strip() in page, (name, identity)


def test_a_page_names_its_topics_for_the_one_stream(
    house: House, viewer: User, browse: Browse
) -> None:
    for name, address in topics(house).items():
        live = browse(viewer).get(address).context["live"]

        assert name.replace(":", "%3A") in live.stream
        assert live.stream.count("?") == 1


def test_others_hear_nothing_of_it(house: House, outsider: User) -> None:
    heard = [name for name in topics(house) if feed_of(outsider, name) is not None]

    assert heard == ["overview:"]
    assert house.route.name not in "".join(feed(outsider, "overview:").show().values())


def test_whoever_sees_the_same_shares_what_is_rendered(
    house: House, viewer: User, author: User, platform: User, outsider: User
) -> None:
    overview = "overview:"

    assert feed(viewer, overview).audience == feed(author, overview).audience
    words_of_others = {feed(user, overview).audience for user in (viewer, platform, outsider)}
    assert len(words_of_others) == 3


def test_rows_that_are_not_the_readers_are_left_out(
    house: House, viewer: User, outsider: User, author: User
) -> None:
    theirs = furnish(Team.objects.get(name="search"), author, 1)
    both = streams.rows_key("served-model-rows", [house.model.pk, theirs.model.pk])

    mine = feed(viewer, both)

    assert set(mine.show()) == {f"row-{house.model.pk}", "rest"}
    assert mine.audience != feed(outsider, both).audience


@pytest.mark.parametrize("key", ["x", "%", "AAAA", "A" * 4000])
def test_a_key_that_no_list_has_made_is_nothing(viewer: User, key: str) -> None:
    assert feed_of(viewer, f"served-model-rows:{key}") is None


def test_a_page_of_what_was_deleted_says_so(house: House, viewer: User) -> None:
    found = feed(viewer, f"served-model:{house.model.pk}")
    ServedModel.objects.filter(pk=house.model.pk).update(deleted_at=timezone.now())

    assert "Deleted." in found.show()["answer"]


def test_a_page_follows_placements_gateway_and_tokens(house: House, viewer: User) -> None:
    place = f"observed:{house.cluster.pk}/{house.placement.namespace}"
    gateway = house.route.gateway

    follows = feed(viewer, f"route:{house.route.pk}").follows

    assert {
        f"reading:{house.route.pk}",
        f"{place}/{house.route.object_name}",
        f"{place}/{house.placement.object_name}",
        f"observed:{gateway.cluster_id}/{gateway.namespace}/Gateway",
    } <= follows


def test_a_change_tells_the_pages_of_what_it_edits(house: House, author: User) -> None:
    change = scenes.drafted(house, author)
    last = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    actions.submit(change=change, version=change.version, by=author, at=timezone.now())

    told = " ".join(Notice.objects.filter(pk__gt=last).values_list("names", flat=True))
    assert f"served-model:{house.model.pk}" in told


def test_drift_is_told_with_its_hand_on_every_page(
    house: House, viewer: User, browse: Browse
) -> None:
    """As `kubectl scale` leaves it: the field is lost to us, and theirs alone."""
    pushed = {"f:spec": {"f:replicas": {}}}
    row = DesiredObject.objects.filter(definition_id=house.model.pk, kind="Deployment").get()
    DesiredObject.objects.filter(pk=row.pk).update(
        field_set=pushed, body='{"spec":{"replicas":2}}', values_hash="a", live_generation=1
    )
    hand = {"path": ".spec.replicas", "manager": "kubectl", "time": "2026-06-01T12:00:00Z"}
    LiveObject.objects.filter(kind="Deployment", name=row.name).update(
        values_hash="b", generation=2, other_managers=[{**hand, "shared": False, "value": "5"}]
    )

    for address in list(topics(house).values())[:4]:
        page = words(browse(viewer).get(address).content.decode())

        assert f"kubectl set replicas of Deployment {row.name} to 5; 2 was pushed." in page, address
