"""People and robots: entered and deactivated by platform, never deleted."""

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from inference.accounts import actions
from inference.accounts.models import User
from inference.accounts.policies import is_platform
from inference.clusters.visibility import people
from inference.web.frame import show
from inference.web.htmx import ConsoleRequest, go
from inference.web.lists import sheet_of, text
from inference.web.posting import Problem, attempt, field, version
from inference.web.sessions import signed_in

ACTIVE = "token-list"
ORDERS = {"name": ("username",), "newest": ("-date_joined", "pk")}


@require_http_methods(["GET", "POST"])
@signed_in
def person_list(request: ConsoleRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request)
    kind = field(request, "kind")
    made = attempt(
        request,
        actions.enter_person,
        username=field(request, "username", 150).lower(),
        name=field(request, "name", 200),
        kind=kind if kind in User.Kind.values else User.Kind.PERSON,
    )
    return _show(request, made) if isinstance(made, Problem) else go(request, "web:person-list")


@require_POST
@signed_in
def person_change(request: ConsoleRequest, username: str) -> HttpResponse:
    """Deactivate or activate. Whoever is deactivated is signed out with the next request."""
    user = people(request.user).filter(username=username).first()
    if user is None:
        raise Http404
    made = attempt(
        request,
        actions.change_person,
        user=user,
        version=version(request),
        is_active=request.POST.get("is_active") == "yes",
    )
    return _show(request, made) if isinstance(made, Problem) else go(request, "web:person-list")


def _show(request: ConsoleRequest, problem: Problem | None = None) -> HttpResponse:
    wanted = text(request)
    rows = people(request.user)
    if wanted:
        rows = rows.filter(Q(username__icontains=wanted) | Q(name__icontains=wanted))
    context = {
        "sheet": sheet_of(request, rows, filters={"q": wanted}, orders=ORDERS),
        "sent": request.POST,
        "problem": problem,
        "may": is_platform(request.user),
    }
    status = problem.status if problem else 200
    return show(request, "settings/people.html", context, active=ACTIVE, status=status)
