"""What holds in an environment: two pairs of eyes, unless platform set dev to one."""

from typing import Literal

from rest_framework.request import Request
from rest_framework.response import Response

from inference.accounts import roles
from inference.accounts.models import Environment, EnvironmentRule
from inference.api.deeds import Operation, by, deed, reads
from inference.api.filtering import OF_PAGES, check_known
from inference.api.pagination import limit_of
from inference.api.resources import Base
from inference.api.shapes import Body, Row, Shape


class RuleShape(Shape):
    environment: Literal["prod", "stage", "dev"]
    one_pair_of_eyes: bool


class Eyes(Body):
    one_pair_of_eyes: bool


class EnvironmentRules(Base):
    """Every environment has a rule, whether there is a row for it or not."""

    tag = "environment-rules"
    shape = RuleShape

    @reads(Operation("List", many=True))
    def list(self, request: Request) -> Response:
        check_known(request, OF_PAGES)
        limit_of(request)
        return Response({"items": _rules(), "next": None})

    @deed("Set how many pairs of eyes", Eyes, scope="administer", platform=True)
    def update(self, request: Request, sent: Eyes, environment: str) -> Response:
        roles.set_eyes(
            environment=environment, one_pair_of_eyes=sent.one_pair_of_eyes, **by(request)
        )
        return Response(next(rule for rule in _rules() if rule["environment"] == environment))


def _rules() -> list[Row]:
    written = dict(EnvironmentRule.objects.values_list("environment", "one_pair_of_eyes"))
    return [
        {"environment": str(environment), "one_pair_of_eyes": written.get(environment, False)}
        for environment in Environment
    ]
