"""*Try it* on the page of a route: the panel, the ticket for one prompt, and the same as code."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from inference.accounts.models import User
from inference.definitions.models import Route
from inference.errors import Invalid, NotAllowed, Refusal
from inference.health import prompts
from inference.health.actions import allow_try
from inference.health.policies import check_can_try
from inference.health.prompts import Prompt
from inference.health.targets import target_of
from inference.live.trying import PATH
from inference.messages import trials as messages
from inference.web.calls import Calls, calls
from inference.web.definitions import find
from inference.web.htmx import ConsoleRequest
from inference.web.sessions import signed_in

EXAMPLE = Prompt("Say in one sentence what a key-value cache is for.")


@dataclass(frozen=True, slots=True)
class Panel:
    """`refusal`: why this reader cannot try it now; `calls`: None where no gateway is seen."""

    calls: Calls | None
    refusal: str
    example: Prompt = EXAMPLE
    stream: str = PATH
    most_tokens: int = prompts.MOST_TOKENS
    longest: int = prompts.LONGEST


def panel(route: Route, user: User) -> Panel:
    """For the page of a route. Three queries."""
    same, refusal = None, ""
    try:
        same = calls(target_of(route), EXAMPLE)
        check_can_try(route, user)
    except Refusal as reason:
        refusal = str(reason)
    return Panel(same, refusal)


@require_POST
@signed_in
def route_try(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    """A ticket for what the form holds, as JSON for the script that has asked."""
    route = find(Route, request.user, team, name, "gateway__cluster")
    try:
        ticket = allow_try(
            route=route,
            prompt=Prompt.read(request.POST.dict()),
            session_key=request.session.session_key or "",
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _answer({"sentence": str(refusal)}, _status(refusal))
    return _answer({"ticket": ticket}, 201)


@require_POST
@signed_in
def route_call(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    """What the form holds, as code. A prompt that cannot be sent is shown as the example is."""
    route = find(Route, request.user, team, name, "gateway__cluster")
    try:
        prompt = Prompt.read(request.POST.dict())
    except Invalid:
        prompt = EXAMPLE
    try:
        same = calls(target_of(route), prompt)
    except Refusal:
        same = None
    response = render(request, "routes/calls.html", {"calls": same, "row": route})
    response["Cache-Control"] = "no-store"
    return response


def _status(refusal: Refusal) -> int:
    if refusal.message is messages.TOO_MANY:
        return 429
    if isinstance(refusal, NotAllowed):
        return 403
    return 422 if isinstance(refusal, Invalid) else 409


def _answer(body: dict[str, Any], status: int) -> HttpResponse:
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})
