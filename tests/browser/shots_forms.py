"""Every form at the narrowest width: `pytest tests/browser/shots_forms.py`, into var/shots/form."""

import pytest
from playwright.sync_api import Page

from inference.accounts.models import User
from tests.api.house import House
from tests.browser.conftest import Open
from tests.browser.shooting import keep
from tests.web import scenes

pytestmark = pytest.mark.browser
NARROW = 360


def test_forms(house: House, reader: User, author: User, open_page: Open) -> None:
    team, draft = house.team.name, scenes.drafted(house, author, title="Sleep at night")
    scenes.drift(house)
    model = f"/served-models/{team}/{house.model.name}"
    pool = f"/hardware-pools/{team}/{house.pool.name}"
    route = f"/routes/{team}/{house.route.name}"
    forms = {
        "model-new": "/served-models/new/",
        "model-edit": f"{model}/edit/",
        "model-delete": f"{model}/delete/",
        "model-settle": f"{model}/drift/",
        "pool-new": "/hardware-pools/new/",
        "pool-edit": f"{pool}/edit/",
        "pool-delete": f"{pool}/delete/",
        "route-new": "/routes/new/",
        "route-edit": f"{route}/edit/",
        "route-delete": f"{route}/delete/",
        "revise": f"/change-requests/{draft.pk}/edits/0/",
        "connect": "/connect/",
        "cluster": f"/clusters/{house.cluster.name}/",
        "allowances": "/settings/allowances/",
        "tokens": "/settings/tokens/",
        "teams": "/settings/teams/",
        "team": f"/settings/teams/{team}/",
        "people": "/settings/people/",
    }
    for look, width, theme in (
        ("narrow-light", NARROW, "light"),
        ("narrow-dark", NARROW, "dark"),
        ("light", 1440, "light"),
    ):
        page = open_page(reader, width=width, theme=theme)
        for name, address in forms.items():
            page.goto(address)
            _unfold(page)
            keep(page, "form", name, look)


def _unfold(page: Page) -> None:
    """What is folded away, for the picture."""
    page.evaluate(
        "document.querySelectorAll('#main details:not(.menu)').forEach(one => one.open = true)"
    )
