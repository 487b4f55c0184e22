"""Every operation, asked with what its document allows and with what it does not.

Whatever is sent, an answer has a documented status, its documented form, and is no fault of ours.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks

from console.wsgi import application
from inference.accounts.models import SignInBrake, User
from inference.api.documents import openapi
from tests.api.addresses import ROWS, names_in_address
from tests.api.house import House, token_for

pytestmark = [pytest.mark.schemathesis, pytest.mark.django_db]

CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.missing_required_header,
]
Ask = Callable[[Any], None]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests leave the connection open whose transaction the test rolls back at its end."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def ask(house: House, platform: User, one_connection: None) -> Ask:
    """Asks for rows that may be nowhere and rows that are there, as one who may do everything."""
    User.objects.filter(pk=platform.pk).update(is_superuser=True)
    platform.refresh_from_db()
    headers: dict[str, Any] = {"Authorization": f"Bearer {token_for(platform)}"}
    there = {}
    for _, route in ROWS:
        names = names_in_address(route, house)
        template = reverse(f"api:{route}", kwargs=names)
        for name, value in names.items():
            template = template.replace(f"/{value}/", f"/{{{name}}}/", 1)
        there[template] = names

    def call(case: Any) -> None:
        SignInBrake.objects.all().delete()
        sent = {**headers, "If-Match": '"1"'} if "If-Match" in case.headers else headers
        case.call_and_validate(headers=sent, checks=CHECKS)
        if there[case.path]:
            case.path_parameters = {name: str(row) for name, row in there[case.path].items()}
            case.call_and_validate(headers=sent, checks=CHECKS)

    return call


def ask_everything(ask: Ask, mode: GenerationMode, most: int) -> None:
    """`most` examples for each operation, of what its document allows or of what it does not."""
    document: Any = schemathesis.openapi.from_dict(openapi())
    document.app = application
    for result in document.get_all_operations():
        try:
            strategy = result.ok().as_strategy(generation_mode=mode)
        except Unsatisfiable:
            continue  # it takes anything, so that nothing is wrong
        settings(
            max_examples=most,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(given(case=strategy)(ask))()


def test_every_answer_is_documented(ask: Ask) -> None:
    ask_everything(ask, GenerationMode.POSITIVE, most=2)


@pytest.mark.real
@pytest.mark.parametrize("mode", GenerationMode)
def test_every_answer_to_many_requests_is_documented(mode: GenerationMode, ask: Ask) -> None:
    ask_everything(ask, mode, most=20)
