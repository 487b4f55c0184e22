"""Capacity on pages: counted, stale, unknown; of other teams the devices alone; calm when large."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inference.accounts.models import Team, User
from inference.capacity.counting import Held, Holding, Node, PoolCount, Wanted, count
from inference.clusters.client.errors import MESSAGES, Rejected
from inference.clusters.models import Cluster, LiveObject, WatchState
from inference.live.registry import feed_of
from inference.observation.summaries import summary_of
from inference.web import capacities
from inference.web.hardware_pool_live import of_clusters
from tests.api.house import House, furnish
from tests.health.capacities import GPU, in_use, node, pod, watched
from tests.web.markup import words

Browse = Callable[[User | None], Client]


def page_of(house: House) -> str:
    return f"/hardware-pools/{house.team.name}/{house.pool.name}/"


def test_the_overview_counts_what_is_in_use_and_free(
    house: House, viewer: User, browse: Browse
) -> None:
    in_use(house.placement)

    response = browse(viewer).get("/")

    (row,) = response.context["pools"]
    page = words(response.content.decode())
    assert (row["capacity"].count.in_use, row["capacity"].count.free) == (5, 3)
    assert row["capacity"].note == "8 out of use"
    assert "8 out of use" in page
    assert "Free, at most" in page
    assert not response.context["uncounted"]


def test_a_pool_shows_its_nodes_with_who_holds_what(
    house: House, viewer: User, browse: Browse
) -> None:
    in_use(house.placement)

    page = words(browse(viewer).get(page_of(house)).content.decode())

    assert "At most 3 of 16 accelerators are free; at most 3 on one node. 8 are out of use." in page
    assert f"L0 else free free free {house.model} 4, not placed by Waybill 1 Ready" in page
    assert "node-2 out out out out out out out out out of use 8 Cordoned" in page


def test_what_is_asked_for_and_on_no_node_is_said(
    house: House, viewer: User, browse: Browse
) -> None:
    watched(house.cluster, "llm-chat")
    node(house.cluster, "node-1")
    pod(house.cluster, "llama-1", 1, placement=house.placement.object_name)
    pod(house.cluster, "llama-2", 1, on="", placement=house.placement.object_name)

    page = words(browse(viewer).get(page_of(house)).content.decode())

    assert "1 that placements ask for is on no node: their models say why." in page
    assert f"{house.model} chat 2 2 1" in page


def test_of_another_team_there_are_devices_and_no_names(
    house: House, outsider: User, browse: Browse
) -> None:
    in_use(house.placement)
    house.pool.granted_teams.add(Team.objects.get(name="search"))

    page = words(browse(outsider).get(page_of(house)).content.decode())

    assert "… else free free free other teams 4, not placed by Waybill 1 Ready" in page
    assert house.model.name not in page


def test_a_pool_that_matches_no_node_says_what_to_look_at(
    house: House, viewer: User, browse: Browse
) -> None:
    watched(house.cluster, "llm-chat")

    page = words(browse(viewer).get(page_of(house)).content.decode())

    assert "No node of east-0 matches the selector of this pool." in page
    assert "kubectl get nodes --show-labels" in page
    assert "no node matches" in words(browse(viewer).get("/").content.decode())


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/", "unknown unknown unknown 2 never"),
        ("/hardware-pools/", "8 unknown 2 none"),
        ("", "How many accelerators are free is not known."),
    ],
)
def test_what_was_never_seen_is_unknown(
    house: House, viewer: User, browse: Browse, address: str, said: str
) -> None:
    page = words(browse(viewer).get(address or page_of(house)).content.decode())

    assert said in page


def test_an_account_that_may_not_list_nodes_is_told_what_to_do(
    house: House, viewer: User, browse: Browse
) -> None:
    watched(house.cluster, "llm-chat")
    WatchState.objects.filter(kind="Node").update(
        heard_at=None, synced_at=None, problem_code=MESSAGES[Rejected.FORBIDDEN].code
    )

    for address in ("/", page_of(house)):
        page = words(browse(viewer).get(address).content.decode())

        assert "The account of Waybill may not list nodes." in page
        assert "apply the RBAC manifest of the cluster again" in page


def test_a_stale_count_is_what_was_last_seen(house: House, viewer: User, browse: Browse) -> None:
    in_use(house.placement)
    long_ago = Now() - timedelta(minutes=5)
    WatchState.objects.filter(kind="Node").update(heard_at=long_ago, synced_at=long_ago)

    page = words(browse(viewer).get(page_of(house)).content.decode())

    assert "At most 3 of 16 accelerators were free when last seen." in page
    assert "Start manage.py observe" in page
    assert 'class="is-stale"' in browse(viewer).get("/").content.decode()


def test_an_open_page_follows_nodes_and_pods_of_all_teams(
    house: House, viewer: User, outsider: User
) -> None:
    name = f"hardware-pool:{house.pool.pk}"

    mine = feed_of(viewer, name)

    assert mine is not None
    assert feed_of(outsider, name) is None
    nodes, pods = f"observed:{house.cluster.pk}/-", f"observed:{house.cluster.pk}/llm-chat"
    assert {nodes, pods} <= set(mine.follows)
    overview = feed_of(viewer, "overview:")
    assert overview is not None
    assert of_clusters([house.cluster.pk]) <= set(overview.follows)


@pytest.mark.parametrize("address", ["/", "/hardware-pools/"])
def test_pages_ask_as_much_for_fifty_pools_as_for_one(
    house: House, author: User, viewer: User, chat: Team, browse: Browse, address: str
) -> None:
    in_use(house.placement)
    browser = browse(viewer)
    browser.get(address)
    few = _queries(browser, address)
    for number in range(1, 50):
        in_use(furnish(chat, author, number).placement)

    assert _queries(browser, address) == few


def test_a_pool_asks_as_much_for_fifty_nodes_as_for_one(
    house: House, viewer: User, browse: Browse
) -> None:
    in_use(house.placement)
    browser = browse(viewer)
    browser.get(page_of(house))
    few = _queries(browser, page_of(house))
    for number in range(3, 53):
        node(house.cluster, f"node-{number}")
        pod(house.cluster, f"llama-{number}", 2, on=f"node-{number}")

    assert _queries(browser, page_of(house)) == few


def _queries(browser: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


def test_five_thousand_nodes_stay_a_short_page(house: House, viewer: User, browse: Browse) -> None:
    watched(house.cluster, "llm-chat")
    _many_nodes(house.cluster, 5000)
    broken = LiveObject.objects.get(name="node-4999")
    broken.summary = {**broken.summary, "unschedulable": True}
    broken.save()

    response = browse(viewer).get(page_of(house))

    lines, page = response.context["lines"], words(response.content.decode())
    assert [line.node.name for line in lines[:2]] == ["node-4999", "node-0000"]
    assert len(lines) == capacities.MOST_NODES
    assert "4,960 more nodes with 39,680 accelerators: at most 39,680 free, 0 out of use." in page
    assert len(response.content) < 120_000


def _many_nodes(cluster: Cluster, many: int) -> None:
    offered = {GPU: "8"}
    ready = [{"type": "Ready", "status": "True"}]
    status = {"capacity": offered, "allocatable": offered, "conditions": ready}
    summary = summary_of({"kind": "Node", "status": status})
    one = node(cluster, "node-first")
    LiveObject.objects.bulk_create(
        LiveObject(
            cluster=cluster,
            api_version="v1",
            kind="Node",
            name=f"node-{number:04}",
            uid=str(number),
            summary=summary,
            seen_at=one.seen_at,
            changed_at=one.changed_at,
        )
        for number in range(many)
    )
    one.delete()


def counted(devices: int, *held: Holding, names: dict[str, str] | None = None) -> Any:
    found = _count(devices, *held)
    return capacities.lines_of(found, names or {})[0][0]


def _count(devices: int, *held: Holding) -> PoolCount:
    offered = {GPU: devices}
    one = Node("node-1", {}, (), True, False, offered, offered)
    return count(Wanted(GPU, {}), [one], Held(held))


def test_very_many_devices_of_a_node_are_a_bar() -> None:
    few, many = counted(16), counted(160, Holding("node-1", {GPU: 40}))

    assert (len(few.boxes), few.bar) == (16, ())
    assert many.boxes == ()
    assert [(piece.look, piece.start) for piece in many.bar] == [
        ("f-rule", "0.00%"),
        ("f-soft", "25.00%"),
    ]


def test_more_held_than_there_is_does_not_run_over() -> None:
    line = counted(4, Holding("node-1", {GPU: 40}, "qwen"), names={"qwen": "Qwen3 32B"})

    assert len(line.boxes) <= capacities.MOST_BOXES
    assert [(piece.start, piece.look) for piece in line.bar] == []
    assert line.note == "Qwen3 32B 40"
    pieces = capacities.bar_of(_count(4, Holding("node-1", {GPU: 40}, "qwen")))
    assert sum(float(piece.width.rstrip("%")) for piece in pieces) <= 100


def test_models_that_share_initials_are_told_apart() -> None:
    names = {"a": "Qwen3-32B", "b": "Llama-70B", "c": "Qwen3-30B"}

    assert capacities.marks_of(names) == {"a": "Q3b", "b": "L7", "c": "Q3a"}


def test_letters_do_not_run_out() -> None:
    marks = capacities.marks_of({f"{n:02}": "Qwen3-32B" for n in range(28)})

    assert (marks["00"], marks["25"], marks["26"], marks["27"]) == ("Q3a", "Q3z", "Q3aa", "Q3ab")


@pytest.mark.parametrize(("price", "said"), [("0", "none"), ("0.00", "none"), ("3.20", "3.20 USD")])
def test_a_price_says_of_what_it_is(
    price: str, said: str, house: House, viewer: User, browse: Browse
) -> None:
    house.pool.document["price_per_device_hour"] = price
    house.pool.save(update_fields=["document"])
    browser = browse(viewer)

    page = words(browser.get(page_of(house)).content.decode())

    assert f"Price {said} per device-hour · definition" in page
    assert f"Price per device-hour {said}" in page
    assert f"unknown 2 none {said}" in words(browser.get("/hardware-pools/").content.decode())
