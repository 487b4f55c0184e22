"""The ladder: when each replica was made, what its rungs took, and since when one stands still."""

from collections.abc import Callable

from django.test import Client

from inference.accounts.models import User
from tests.api.house import House
from tests.web.markup import words
from tests.web.replicas import replicas

Browse = Callable[[User | None], Client]


def ladder(house: House, browser: Client) -> str:
    page = browser.get(f"/served-models/{house.team.name}/{house.model.name}/").content.decode()
    text = words(page)
    return text[text.index("How far each replica came") : text.index("Definition")]


def test_each_rung_says_what_it_took_and_a_stop_since_when(
    house: House, viewer: User, browse: Browse
) -> None:
    replicas(
        house,
        first={"made": 7200, "scheduled": 7196, "started": 7180, "ready": 6580},
        next={"made": 90, "scheduled": 88, "started": 80},
        last={"made": 3, "refused": 3},
    )

    told = ladder(house, browse(viewer))

    assert "Scheduled: reached 4 s" in told
    assert "Engine ready: reached 10 min" in told
    assert "b-first node-1 5 of 5: at the picker" in told
    assert "b-next node-1 2 of 5: scheduled" in told
    assert "b-last 1 of 5: accepted" in told
    assert "Scheduled: reached 2 s under way since" in told


def test_the_times_of_the_cluster_stand_on_the_page_as_times(
    house: House, viewer: User, browse: Browse
) -> None:
    replicas(house, last={"made": 7200, "refused": 7190})

    page = browse(viewer).get(f"/served-models/{house.team.name}/{house.model.name}/")
    html = page.content.decode()
    html = html[html.index('id="ladder"') :]
    html = html[: html.index("</table>")]

    assert html.count("<time ") == 2
