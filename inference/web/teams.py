"""Teams, and who holds which role in which environment."""

from django.db.models import Case, Count, When
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from inference.accounts import actions, roles
from inference.accounts.models import Environment, Membership, Team, User
from inference.accounts.policies import Right, environments_of, is_platform
from inference.clusters.visibility import people, teams
from inference.web.frame import show
from inference.web.htmx import ConsoleRequest, go
from inference.web.lists import sheet_of, text
from inference.web.posting import Problem, attempt, field
from inference.web.sessions import signed_in

ACTIVE = "token-list"
ORDERS = {"name": ("name",), "newest": ("-created_at", "pk")}
MEMBERS = {"name": ("user__username", "place")}
PLACE = Case(*(When(environment=one, then=n) for n, one in enumerate(Environment.values)))
"""Of an environment: what costs most comes first, as in every choice."""

UNSEEN = (
    "You see no account of this name. Look at People for how it is spelt; whoever is in none of"
    " your teams gets their first role from platform."
)


@require_http_methods(["GET", "POST"])
@signed_in
def team_list(request: ConsoleRequest) -> HttpResponse:
    problem = None
    if request.method == "POST":
        name, title = field(request, "name", 40), field(request, "title", 200)
        made = attempt(request, actions.create_team, name=name, title=title)
        if not isinstance(made, Problem):
            return go(request, "web:team-detail", made.name)
        problem = made
    wanted = text(request)
    rows = teams(request.user).annotate(people=Count("memberships__user", distinct=True))
    if wanted:
        rows = rows.filter(name__icontains=wanted)
    context = {
        "sheet": sheet_of(request, rows, filters={"q": wanted}, orders=ORDERS),
        "sent": request.POST,
        "problem": problem,
        "may": is_platform(request.user),
    }
    status = problem.status if problem else 200
    return show(request, "settings/teams.html", context, active=ACTIVE, status=status)


def _find(user: User, name: str) -> Team:
    team = teams(user).filter(name=name).first()
    if team is None:
        raise Http404
    return team


@require_http_methods(["GET", "POST"])
@signed_in
def team_detail(request: ConsoleRequest, team: str) -> HttpResponse:
    """A POST gives a role, whatever it was before."""
    row = _find(request.user, team)
    if request.method != "POST":
        return _show(request, row)
    user = people(request.user).filter(username=field(request, "username", 150)).first()
    environment, role = field(request, "environment"), field(request, "role")
    if environment not in Environment.values or role not in Membership.Role.values:
        return _show(request, row, Problem("Choose an environment and a role.", 422))
    if user is None:
        return _show(request, row, Problem(UNSEEN, 422))
    made = attempt(request, roles.set_role, team=row, user=user, environment=environment, role=role)
    return (
        _show(request, row, made)
        if isinstance(made, Problem)
        else go(request, "web:team-detail", row.name)
    )


@require_POST
@signed_in
def role_remove(request: ConsoleRequest, team: str, number: int) -> HttpResponse:
    row = _find(request.user, team)
    rows = Membership.objects.filter(team=row, pk=number).select_related("team", "user")
    membership = rows.first()
    if membership is None:
        raise Http404
    made = attempt(request, roles.remove_role, membership=membership)
    return (
        _show(request, row, made)
        if isinstance(made, Problem)
        else go(request, "web:team-detail", row.name)
    )


def _show(request: ConsoleRequest, team: Team, problem: Problem | None = None) -> HttpResponse:
    rows = Membership.objects.filter(team=team).annotate(place=PLACE).select_related("user")
    administers = environments_of(request.user, team, Right.ADMINISTER)
    context = {
        "team": team,
        "sheet": sheet_of(request, rows, filters={}, orders=MEMBERS),
        "roles": Membership.Role.values,
        "environments": Environment.values,
        "sent": request.POST,
        "problem": problem,
        "may": bool(administers) or is_platform(request.user),
    }
    status = problem.status if problem else 200
    return show(request, "settings/team.html", context, active=ACTIVE, status=status)
