"""Django's admin site: it shows every table to those who may see, and writes none."""

import pytest
from django.apps import apps
from django.contrib import admin as site
from django.test import Client
from django.urls import reverse

from inference.accounts.models import Team, User
from inference.clusters.models import ClusterCredential
from tests.api.callers import signed_in
from tests.api.house import House, furnish
from tests.conftest import NOON
from tests.factories.accounts import UserFactory

TABLES = sorted(
    model._meta.model_name or "" for model in apps.get_app_config("inference").get_models()
)


@pytest.fixture
def house(chat: Team, author: User) -> House:
    return furnish(chat, author)


@pytest.fixture
def root(db: None) -> Client:
    user = UserFactory.create(username="root", is_staff=True, is_superuser=True)
    return signed_in(user)


def test_every_table_of_ours_is_there_and_no_group() -> None:
    shown = {model._meta.model_name for model in site.site._registry}

    assert set(TABLES) <= shown
    assert "group" not in shown


def test_tables_are_read_and_never_written(house: House, root: Client) -> None:
    for table in TABLES:
        assert root.get(reverse(f"admin:inference_{table}_changelist")).status_code == 200, table
        assert root.get(reverse(f"admin:inference_{table}_add")).status_code == 403, table


def test_a_row_is_shown_and_cannot_be_changed_or_deleted(house: House, root: Client) -> None:
    address = reverse("admin:inference_team_change", args=[house.team.pk])

    assert root.get(address).status_code == 200
    assert root.post(address, {"name": "other"}).status_code == 403
    assert root.post(address.replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_what_is_sealed_or_hashed_is_not_shown(house: House, root: Client, author: User) -> None:
    credential = ClusterCredential.objects.create(
        cluster=house.cluster,
        kind="token",
        key_id="k",
        wrapped_key=b"canary",
        sealed=b"canary",
        replaced_at=NOON,
    )
    pages = [
        reverse("admin:inference_clustercredential_change", args=[credential.pk]),
        reverse("admin:inference_token_change", args=[house.token.pk]),
        reverse("admin:inference_user_change", args=[author.pk]),
    ]

    shown = "".join(root.get(page).content.decode() for page in pages)

    assert "canary" not in shown
    assert house.token.secret_hash not in shown
    assert "pbkdf2" not in shown


def test_staff_see_the_rows_of_their_teams(house: House, outsider: User, viewer: User) -> None:
    shown = {}
    for user in (outsider, viewer):
        User.objects.filter(pk=user.pk).update(is_staff=True)
        browser = signed_in(user)
        page = browser.get(reverse("admin:inference_servedmodel_changelist")).content.decode()
        shown[user.username] = house.model.name in page

    assert shown == {"outsider": False, "viewer": True}


def test_staff_see_no_table_of_the_site(house: House, viewer: User) -> None:
    User.objects.filter(pk=viewer.pk).update(is_staff=True)
    browser = signed_in(viewer)

    response = browser.get(reverse("admin:inference_clustercredential_changelist"))

    assert response.status_code == 403
