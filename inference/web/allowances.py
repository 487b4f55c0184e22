"""What platform lets others use: gateways for routes, namespaces for teams, ranges to dial."""

import re
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from inference.accounts import roles
from inference.accounts.models import EnvironmentRule, Team
from inference.accounts.policies import check_platform, is_platform
from inference.clusters import sharing
from inference.clusters.models import Cluster, EgressRange
from inference.clusters.visibility import clusters, gateways, grants
from inference.errors import NotAllowed
from inference.web.frame import show
from inference.web.htmx import ConsoleRequest, go
from inference.web.lists import sheet_of
from inference.web.posting import Problem, attempt, field
from inference.web.sessions import signed_in

ACTIVE = "token-list"
MOST = 500
LONGEST = 262_144
"""Of what is typed as PEM."""
ORDERS = {"cluster": ("cluster__name", "namespace", "pk")}
UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Deed = Callable[[ConsoleRequest], Any]


def _grant(request: ConsoleRequest) -> Any:
    team = Team.objects.filter(name=field(request, "team")).first()
    cluster = _cluster(request)
    if team is None or cluster is None:
        return Problem("Choose a cluster and a team.", 422)
    names = ("namespace", "pull_secret", "token_secret")
    sent = {name: field(request, name, 253) for name in names}
    return attempt(request, sharing.grant, cluster=cluster, team=team, **sent)


def _gateway(request: ConsoleRequest) -> Any:
    cluster = _cluster(request)
    if cluster is None:
        return Problem("Choose a cluster.", 422)
    sent = {name: field(request, name, 253) for name in ("namespace", "name", "listener")}
    ca_pem = field(request, "ca_pem", LONGEST)
    return attempt(request, sharing.register_gateway, cluster=cluster, ca_pem=ca_pem, **sent)


def _authority(request: ConsoleRequest) -> Any:
    """Of the gateway that is named as the list showed it: its id, and its version."""
    key, _, version = field(request, "gateway").partition(" ")
    is_one = _is_key("gateway", key) and version.isascii() and version.isdigit()
    row = gateways(request.user).filter(pk=key).first() if is_one else None
    if row is None:
        return Problem("Choose a gateway that is registered.", 422)
    sent = {"version": int(version[:9]), "ca_pem": field(request, "ca_pem", LONGEST)}
    return attempt(request, sharing.trust_gateway, row=row, **sent)


def _range(request: ConsoleRequest) -> Any:
    cidr, reason = field(request, "cidr", 43), field(request, "reason", 200)
    return attempt(request, sharing.allow_range, cidr=cidr, reason=reason)


def _eyes(request: ConsoleRequest) -> Any:
    one = request.POST.get("one_pair_of_eyes") == "yes"
    return attempt(request, roles.set_eyes, environment="dev", one_pair_of_eyes=one)


ADD: dict[str, Deed] = {
    "grant": _grant,
    "gateway": _gateway,
    "authority": _authority,
    "range": _range,
    "eyes": _eyes,
}


@require_http_methods(["GET", "POST"])
@signed_in
def allowance_list(request: ConsoleRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request)
    deed = ADD.get(request.POST.get("what", ""))
    if deed is None:
        raise Http404
    return _after(request, _for_platform(request) or deed(request))


@require_POST
@signed_in
def allowance_remove(request: ConsoleRequest, what: str, key: str) -> HttpResponse:
    user = request.user
    found: dict[str, tuple[Callable[..., Any], Any]] = {
        "grant": (sharing.revoke_grant, grants(user)),
        "gateway": (sharing.remove_gateway, gateways(user)),
        "range": (sharing.disallow_range, EgressRange.objects.all()),
    }
    refused = _for_platform(request)
    if what not in found or (refused is None and not _is_key(what, key)):
        raise Http404
    if refused is not None:
        return _after(request, refused)
    deed, rows = found[what]
    row = rows.filter(pk=key).first()
    if row is None:
        raise Http404
    return _after(request, attempt(request, deed, row=row))


def _for_platform(request: ConsoleRequest) -> Problem | None:
    try:
        check_platform(request.user)
    except NotAllowed as refusal:
        return Problem(str(refusal), 403)
    return None


def _is_key(what: str, key: str) -> bool:
    if what == "range":
        return key.isascii() and key.isdigit() and len(key) < 18  # noqa: PLR2004  (a bigint's)
    return bool(UUID_FORM.fullmatch(key))


def _cluster(request: ConsoleRequest) -> Cluster | None:
    return clusters(request.user).filter(name=field(request, "cluster")).first()


def _after(request: ConsoleRequest, made: Any) -> HttpResponse:
    if isinstance(made, Problem):
        return _show(request, made)
    return go(request, "web:allowance-list")


def _typed(request: ConsoleRequest) -> dict[str, Any]:
    """What was sent, under the name of its form alone: several have fields of one name."""
    what = request.POST.get("what", "")
    if what not in ADD:
        return {}
    return {what: request.POST, "authority_of": field(request, "gateway").partition(" ")[0]}


def _show(request: ConsoleRequest, problem: Problem | None = None) -> HttpResponse:
    user = request.user
    may = is_platform(user)
    rule = EnvironmentRule.objects.filter(environment="dev").first()
    given = grants(user).select_related("team", "cluster")
    context = {
        "sheet": sheet_of(request, given, filters={}, orders=ORDERS),
        "gateways": list(
            gateways(user).select_related("cluster").order_by("cluster__name", "name")[:MOST]
        ),
        "ranges": list(EgressRange.objects.order_by("cidr")[:MOST]) if may else [],
        "all_clusters": clusters(user).order_by("name").values_list("name", flat=True)
        if may
        else [],
        "all_teams": list(Team.objects.order_by("name")[:MOST]) if may else [],
        "one_pair_of_eyes": rule is not None and rule.one_pair_of_eyes,
        **_typed(request),
        "problem": problem,
        "may": may,
    }
    status = problem.status if problem else 200
    return show(request, "settings/allowances.html", context, active=ACTIVE, status=status)
