"""The database itself refuses what no row may say, however somebody writes to it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Model

from inference.accounts.models import EnvironmentRule, Membership, Token, User
from inference.api.models import IdempotentRequest
from inference.changes.models import ChangeRequest, Decision, Edit, PlanCheck, PlanStep
from inference.clusters.models import Cluster, EgressRange, Grant, MetricsSource, WatchState
from inference.definitions.models import HardwarePool, Route, RouteMember, ServedModel
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.health.models import Trial
from inference.observation.models import Reading
from tests.conftest import NOON
from tests.constraints.rows import FRESH, House, another, furnish

LATER = NOON + timedelta(hours=1)
Spoil = dict[str, Any]

CHECKS: dict[str, tuple[type[Model], tuple[Spoil, ...]]] = {
    "user_kind_is_known": (User, ({"kind": "ghost"},)),
    "robot_has_no_site_role": (
        User,
        (
            {"kind": "robot", "is_platform": True},
            {"kind": "robot", "is_staff": True},
            {"kind": "robot", "is_superuser": True},
        ),
    ),
    "membership_role_is_known": (Membership, ({"role": "owner"},)),
    "membership_environment_is_known": (Membership, ({"environment": "test"},)),
    "only_dev_may_have_one_pair_of_eyes": (
        EnvironmentRule,
        (
            {"environment": "prod", "one_pair_of_eyes": True},
            {"environment": "stage", "one_pair_of_eyes": True},
        ),
    ),
    "token_of_a_robot_never_approves": (Token, ({"owner_kind": "robot", "may_approve": True},)),
    "token_of_a_robot_never_administers": (
        Token,
        ({"owner_kind": "robot", "may_administer": True},),
    ),
    "token_expires_after_it_was_made": (Token, ({"expires_at": F("created_at")},)),
    "idempotent_request_keeps_answers_of_success": (
        IdempotentRequest,
        ({"status": 199}, {"status": 300}, {"status": 500}),
    ),
    "change_state_is_known": (ChangeRequest, ({"state": "paused", "approved_at": NOON},)),
    "change_under_review_or_beyond_has_a_plan": (ChangeRequest, ({"plan": None},)),
    "change_times_fit_its_state": (
        ChangeRequest,
        (
            {"approved_at": NOON},
            {"state": "approved"},
            {"state": "applying", "approved_at": NOON},
            {"state": "verifying", "approved_at": NOON, "started_at": NOON, "finished_at": LATER},
            {"state": "succeeded", "approved_at": NOON, "started_at": NOON},
            {"state": "rejected"},
            {"state": "expired", "started_at": NOON, "finished_at": LATER},
        ),
    ),
    "change_has_a_reason": (ChangeRequest, ({"reason": ""},)),
    "edit_of_a_new_definition_has_no_base": (
        Edit,
        (
            {"base_generation": 1},
            {"verb": "update", "base_generation": 0},
            {"verb": "delete", "base_generation": 0},
        ),
    ),
    "edit_takes_fields_back_in_an_update_only": (Edit, ({"takes": [{"path": "spec.replicas"}]},)),
    "cluster_is_removed_when_it_has_a_time_of_removal": (
        Cluster,
        ({"removed_at": NOON}, {"state": "removed"}, {"state": "held", "removed_at": NOON}),
    ),
    "cluster_server_is_https": (
        Cluster,
        ({"server": "http://127.0.0.1"}, {"server": ""}, {"server": "ftp://127.0.0.1"}),
    ),
    "cluster_environment_is_known": (Cluster, ({"environment": "test"},)),
    "namespace_of_a_grant_is_a_dns_label": (
        Grant,
        (
            {"namespace": "Chat"},
            {"namespace": "a\n"},
            {"namespace": ""},
            {"namespace": "-a"},
            {"namespace": "a.b"},
        ),
    ),
    "namespace_of_the_system_is_not_granted": (Grant, ({"namespace": "kube-system"},)),
    "egress_range_has_a_reason": (EgressRange, ({"reason": ""},)),
    "watch_is_synced_only_when_it_was_heard": (
        WatchState,
        ({"synced_at": LATER}, {"heard_at": None}),
    ),
    "metrics_source_is_http_or_https": (
        MetricsSource,
        ({"url": ""}, {"url": "ftp://10.0.0.1"}, {"url": "//10.0.0.1"}),
    ),
    "metrics_page_is_http_or_https": (
        MetricsSource,
        ({"browser_url": "javascript:alert(1)"}, {"browser_url": "//10.0.0.1"}),
    ),
    "metrics_token_is_sent_over_https_only": (
        MetricsSource,
        ({"url": "http://10.0.0.1", "key_id": "1"},),
    ),
    "metrics_source_was_asked_when_it_was_read": (
        MetricsSource,
        ({"asked_at": None}, {"read_at": NOON + timedelta(days=36500)}),
    ),
    "plan_step_is_forced_for_named_fields_only": (
        PlanStep,
        (
            {"force": True},
            {"takes": [{"path": "spec.replicas"}]},
            {"force": True, "takes": [{"path": "spec.replicas"}]},
        ),
    ),
    "plan_step_knows_what_it_changes": (
        PlanStep,
        (
            {"uid": "uid-1"},
            {"body": ""},
            {"verb": "update"},
            {"verb": "update", "uid": "uid-1", "body": ""},
            {"verb": "delete", "uid": "uid-1"},
            {"verb": "delete", "body": ""},
        ),
    ),
    "plan_check_state_is_known": (PlanCheck, ({"state": "blue"},)),
    "decision_has_four_eyes": (Decision, ({"actor": F("plan_author")},)),
    "decision_that_sends_back_says_why": (
        Decision,
        ({"verdict": "reject"}, {"verdict": "request-changes"}),
    ),
    "decision_verdict_is_known": (Decision, ({"verdict": "perhaps", "comment": "hm"},)),
    **{
        f"{kind}_name_is_a_name": (
            table,
            tuple({"name": name} for name in ("", "Chat", "1st", "a-", "a_b", "a\n")),
        )
        for kind, table in (
            ("hardware_pool", HardwarePool),
            ("served_model", ServedModel),
            ("route", Route),
        )
    },
    **{
        f"{kind}_generation_counts_from_one": (table, ({"generation": 0},))
        for kind, table in (
            ("hardware_pool", HardwarePool),
            ("served_model", ServedModel),
            ("route", Route),
        )
    },
    "weight_is_one_that_a_gateway_takes": (RouteMember, ({"weight": 1_000_001},)),
    "trial_expires_after_it_was_made": (Trial, ({"expires_at": F("made_at")},)),
    "trial_is_taken_while_it_holds": (Trial, ({"taken_at": F("expires_at")},)),
    "pushed_generation_never_overtakes": (DesiredObject, ({"pushed_generation": 2},)),
    "desired_object_has_bytes_while_it_is_wanted": (
        DesiredObject,
        ({"body": ""}, {"wanted": False}),
    ),
    "push_is_finished_when_it_has_a_time_of_finish": (
        Push,
        (
            {"finished_at": LATER},
            {"state": "verifying", "finished_at": LATER},
            {"state": "succeeded"},
            {"state": "failed"},
        ),
    ),
    "push_outcome_is_known": (PushOutcome, ({"outcome": "lost", "code": "lost"},)),
    "push_outcome_that_is_no_success_says_why": (
        PushOutcome,
        ({"outcome": "rejected"}, {"outcome": "contended"}, {"outcome": "existed"}),
    ),
    "reading_has_a_value_or_says_why_not": (Reading, ({"value": None},)),
}
"""By constraint: its table, and values that it refuses in an otherwise valid row."""


def tables() -> list[type[Model]]:
    return list(apps.get_app_config("inference").get_models())


def checks() -> set[str]:
    return {
        one.name
        for table in tables()
        for one in table._meta.constraints
        if isinstance(one, models.CheckConstraint)
    }


def uniques() -> Iterator[Any]:
    """Each constraint that no two rows be alike, with its table and fields."""
    for table in tables():
        for one in table._meta.constraints:
            if isinstance(one, models.UniqueConstraint):
                yield pytest.param(table, tuple(one.fields), one.name, id=one.name)
        for field in table._meta.local_fields:
            if field.unique and not field.primary_key:
                yield pytest.param(table, (field.name,), "", id=f"{table.__name__}-{field.name}")


@pytest.fixture
def house(db: None) -> House:
    return furnish()


def test_every_check_of_the_database_is_asked_here() -> None:
    assert checks() == set(CHECKS)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_check_refuses_what_goes_around_the_code(name: str, house: House) -> None:
    table, spoils = CHECKS[name]
    row = table._base_manager.filter(pk=house[table].pk)
    for spoil in spoils:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            row.update(**spoil)


@pytest.mark.parametrize(("table", "fields", "name"), list(uniques()))
def test_a_second_row_is_taken_only_where_it_differs(
    table: type[Model], fields: tuple[str, ...], name: str, house: House
) -> None:
    row, fresh = house[table], FRESH[table](house)
    same = {field: getattr(row, field) for field in fields}

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        another(row, **{**fresh, **same})

    assert is_about(str(refusal.value), table, fields, name)
    another(row, **fresh)


def is_about(text: str, table: type[Model], fields: tuple[str, ...], name: str) -> bool:
    """PostgreSQL names the constraint, SQLite its columns."""
    if connection.vendor == "postgresql":
        return (name or table._meta.db_table) in text
    columns = [table._meta.get_field(field).column for field in fields]
    return text.endswith(", ".join(f"{table._meta.db_table}.{column}" for column in columns))


@pytest.mark.parametrize(
    ("table", "gone"),
    [
        (Cluster, {"state": "removed", "removed_at": NOON}),
        (HardwarePool, {"deleted_at": NOON}),
        (ServedModel, {"deleted_at": NOON}),
        (Route, {"deleted_at": NOON}),
    ],
)
def test_the_name_of_what_is_gone_is_free_again(
    table: type[Model], gone: Spoil, house: House
) -> None:
    row = house[table]
    table._base_manager.filter(pk=row.pk).update(**gone)

    made = another(row)

    assert made.pk != row.pk
