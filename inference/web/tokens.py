"""Tokens: one's own, and those of robots for platform. The text of a new one is shown once."""

import re
from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from inference.accounts import actions
from inference.accounts.models import Token, User
from inference.accounts.policies import is_platform
from inference.web.frame import show
from inference.web.htmx import ConsoleRequest, go
from inference.web.lists import sheet_of
from inference.web.posting import Problem, attempt, field
from inference.web.sessions import signed_in

ACTIVE = "token-list"
ORDERS = {"newest": ("-created_at", "pk")}
SCOPES = (
    ("propose", "Propose", "draft, revise, submit and cancel changes"),
    ("approve", "Approve", "decide as you; never where the token had a hand"),
    ("administer", "Administer", "clusters, roles and accounts, as far as you may"),
)
USUAL_DAYS = 30


@require_http_methods(["GET", "POST"])
@signed_in
def token_list(request: ConsoleRequest) -> HttpResponse:
    """A POST issues one, and this answer is the only one that holds its text."""
    if request.method != "POST":
        return _show(request)
    named, days = field(request, "owner", 150), field(request, "days")
    owner = _owners(request.user).filter(username=named or request.user.username).first()
    if owner is None:  # never somebody else's instead: not even one's own
        return _show(request, problem=Problem("Choose whom the token is for.", 422))
    made = attempt(
        request,
        actions.issue_token,
        owner=owner,
        name=field(request, "name", 100) or "unnamed",
        scopes={name for name, _, _ in SCOPES if request.POST.get(name)},
        expires_at=timezone.now()
        + timedelta(days=int(days) if re.fullmatch(r"[0-9]{1,4}", days) else 0),
    )
    if isinstance(made, Problem):
        return _show(request, problem=made)
    return _show(request, text=made[1])


@require_POST
@signed_in
def token_revoke(request: ConsoleRequest, token: UUID) -> HttpResponse:
    row = _seen(request.user).filter(pk=token).first()
    if row is None:
        raise Http404
    made = attempt(request, actions.revoke_token, row=row)
    return (
        _show(request, problem=made) if isinstance(made, Problem) else go(request, "web:token-list")
    )


def _owners(user: User) -> QuerySet[User]:
    robots = Q(kind=User.Kind.ROBOT, is_active=True) if is_platform(user) else Q(pk__in=[])
    return User.objects.filter(Q(pk=user.pk) | robots)


def _seen(user: User) -> QuerySet[Token]:
    rows = Token.objects.filter(revoked_at__isnull=True).select_related("owner")
    return rows if is_platform(user) else rows.filter(owner=user)


def _show(request: ConsoleRequest, problem: Problem | None = None, text: str = "") -> HttpResponse:
    context = {
        "sheet": sheet_of(request, _seen(request.user), filters={}, orders=ORDERS),
        "owners": list(_owners(request.user).order_by("username")[:200]),
        "scopes": [(*scope, bool(request.POST.get(scope[0]))) for scope in SCOPES],
        "usual": USUAL_DAYS,
        "most": Token.LIFETIME_DAYS,
        "sent": request.POST,
        "problem": problem,
        "text": text,
        "now": timezone.now(),
    }
    status = problem.status if problem else 200
    return show(request, "settings/tokens.html", context, active=ACTIVE, status=status)
