"""Clusters: which answer, what they serve, who may use them; connected and held by platform."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inference.accounts.models import Environment, User
from inference.accounts.policies import check_platform, is_platform
from inference.clusters import actions, metrics_sources
from inference.clusters.client.connection import Connection
from inference.clusters.client.kubeconfig import parse_kubeconfig
from inference.clusters.client.parts import from_parts
from inference.clusters.models import Cluster, Grant, MetricsSource
from inference.clusters.rbac import manifests, yaml_text
from inference.clusters.visibility import clusters, gateways, grants
from inference.errors import Invalid, NotAllowed, Refusal
from inference.messages import connecting
from inference.web.cluster_live import badge_of, live_of, page_of
from inference.web.frame import scope_of, show
from inference.web.htmx import ConsoleRequest, go
from inference.web.lists import sheet_of, text
from inference.web.remedies import Place, remedy_of
from inference.web.sessions import SECRETS, signed_in
from inference.web.sight import Sight

ACTIVE = "cluster-list"
ORDERS = {"name": ("name",), "newest": ("-created_at", "pk"), "contact": ("contacted_at", "name")}
LONGEST = 262_144
_GRANTED = Grant.objects.filter(cluster=OuterRef("pk")).order_by().values("cluster")
NAMESPACES = Coalesce(Subquery(_GRANTED.annotate(number=Count("pk")).values("number")), 0)
"""How many a cluster has. Counted for the rows of a page: a join would count for all of them."""


@require_safe
@signed_in
def cluster_list(request: ConsoleRequest) -> HttpResponse:
    scope, wanted = scope_of(request), text(request)
    rows = clusters(request.user).annotate(namespaces=NAMESPACES)
    rows = _scoped(rows, scope.environment, scope.cluster, wanted)
    given = {"q": wanted, "environment": scope.environment, "cluster": scope.cluster}
    filters = {key: value for key, value in given.items() if value}
    sheet = sheet_of(request, rows, filters=filters, orders=ORDERS)
    shown = [{"cluster": one, "badge": badge_of(one)} for one in sheet.rows]
    silent = sum(one["badge"].look != "is-ok" for one in shown)
    context = {
        "sheet": sheet,
        "rows": shown,
        "silent": silent,
        "may_connect": is_platform(request.user),
    }
    return show(request, "clusters/list.html", context, active=ACTIVE, part="list")


def _scoped(rows: QuerySet[Any], environment: str, name: str, wanted: str) -> QuerySet[Any]:
    if environment:
        rows = rows.filter(environment=environment)
    if name:
        rows = rows.filter(name=name)
    return rows.filter(name__icontains=wanted) if wanted else rows


@require_safe
@signed_in
def cluster_detail(request: ConsoleRequest, cluster: str) -> HttpResponse:
    return _show(request, find(request.user, cluster))


@require_safe
@signed_in
def cluster_rbac(request: ConsoleRequest, cluster: str) -> HttpResponse:
    """The rights that Waybill needs there, for `kubectl apply -f`."""
    row = find(request.user, cluster)
    namespaces = Grant.objects.filter(cluster=row).values_list("namespace", flat=True)
    body = yaml_text(manifests(cluster_name=row.name, namespaces=namespaces))
    response = HttpResponse(body, content_type="application/yaml")
    response["Content-Disposition"] = f'attachment; filename="waybill-rbac-{row.name}.yaml"'
    return response


def find(user: User, name: str) -> Cluster:
    """Raises 404 for what the reader may not see."""
    cluster = clusters(user).filter(name=name).first()
    if cluster is None:
        raise Http404
    return cluster


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "POST"])
@signed_in
def cluster_new(request: ConsoleRequest) -> HttpResponse:
    """Connect one. What was typed stays, save the credential, which is never sent back."""
    if request.method != "POST":
        return _form(request)
    sent = request.POST
    try:
        check_platform(request.user)
        cluster = actions.connect_cluster(
            name=sent.get("name", "").strip(),
            environment=_environment(sent.get("environment", "")),
            title=sent.get("title", "").strip()[:200],
            connection=_connection(sent),
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _form(request, refusal)
    except ValidationError as error:
        return _form(request, faults=_faults(error))
    return go(request, "web:cluster-detail", cluster.name)


def _form(
    request: ConsoleRequest,
    refusal: Refusal | None = None,
    faults: dict[str, list[str]] | None = None,
) -> HttpResponse:
    context = {
        "sent": request.POST,
        "environments": Environment.values,
        "refusal": refusal,
        "faults": faults or {},
        "may": is_platform(request.user),
    }
    status = 200
    if refusal is not None or faults:
        status = 403 if isinstance(refusal, NotAllowed) else 422
    return show(request, "clusters/form.html", context, active=ACTIVE, status=status)


def _environment(value: str) -> str:
    if value not in Environment.values:
        raise ValidationError({"environment": "Choose one."})
    return value


def _connection(sent: Any) -> Connection:
    """From a kubeconfig where there is one, else from its parts. Raises Invalid."""
    if sent.get("kubeconfig", "").strip():
        return parse_kubeconfig(sent["kubeconfig"][:LONGEST], sent.get("context") or None)
    names = ("server", "ca_pem", "token", "client_cert_pem", "client_key_pem")
    parts = {name: sent.get(name, "").strip()[:LONGEST] for name in names}
    if not any(parts.values()):
        raise Invalid(connecting.NOTHING_TO_CONNECT)
    return from_parts(**parts)


def _faults(error: ValidationError) -> dict[str, list[str]]:
    if hasattr(error, "error_dict"):
        return {name: list(found) for name, found in error.message_dict.items()}
    return {"": list(error.messages)}


Deed = Callable[..., Any]


@sensitive_post_parameters(*SECRETS)
@require_POST
@signed_in
def cluster_do(request: ConsoleRequest, cluster: str, deed: str) -> HttpResponse:
    """One of the deeds of platform. A refusal is shown on the page of the cluster."""
    row, sent = find(request.user, cluster), request.POST
    deeds: dict[str, tuple[Deed, Callable[[], dict[str, Any]]]] = {
        "probe": (actions.probe_now, dict),
        "describe": (
            actions.describe,
            lambda: {"version": _version(sent), **_described(row, sent)},
        ),
        "hold": (actions.hold, lambda: {"version": _version(sent)}),
        "resume": (actions.resume, lambda: {"version": _version(sent)}),
        "remove": (actions.remove, lambda: {"version": _version(sent)}),
        "metrics": (
            metrics_sources.enter_source,
            lambda: {"version": _version(sent), **_source(sent)},
        ),
        "metrics-remove": (
            metrics_sources.remove_source,
            lambda: {"version": _version(sent)},
        ),
        "metrics-check": (metrics_sources.ask_now, dict),
        "credential": (
            actions.replace_credential,
            lambda: {"version": _version(sent), "connection": _connection(sent)},
        ),
    }
    if deed not in deeds:
        raise Http404
    action, arguments = deeds[deed]
    try:
        check_platform(request.user)
        if deed == "remove" and sent.get("confirm", "") != row.name:
            return _show(request, row, problem=f"Type {row.name} to remove it.")
        action(cluster=row, by=request.user, at=timezone.now(), **arguments())
    except Refusal as refusal:
        return _show(request, find(request.user, cluster), refusal)
    if deed == "remove":
        return go(request, "web:cluster-list")
    return go(request, "web:cluster-detail", cluster)


def _described(cluster: Cluster, sent: Any) -> dict[str, str]:
    """What people read of it: as typed, else as it is."""
    return {"title": sent.get("title", cluster.title).strip()[:200]}


def _source(sent: Any) -> dict[str, str | None]:
    """A token that is not typed stays, unless it is to be taken away."""
    typed = sent.get("bearer", "").strip()[:LONGEST]
    return {
        "url": sent.get("url", "").strip()[:300],
        "browser_url": sent.get("browser_url", "").strip()[:300],
        "ca_pem": sent.get("ca_pem", "").strip()[:LONGEST],
        "bearer": typed or ("" if sent.get("forget") else None),
    }


def _typed(cluster: Cluster, sent: Any) -> dict[str, str]:
    """The addresses and the CA of its source as typed, else as they are; never the token."""
    names = ("url", "browser_url", "ca_pem")
    if "url" in sent:
        return {name: sent.get(name, "")[:LONGEST] for name in names}
    source = MetricsSource.objects.filter(cluster=cluster).first()
    return {name: getattr(source, name, "") for name in names}


def _version(sent: Any) -> int:
    given = sent.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0  # noqa: PLR2004


def _show(
    request: ConsoleRequest, cluster: Cluster, refusal: Refusal | None = None, problem: str = ""
) -> HttpResponse:
    reader = request.user
    context = page_of(cluster, Sight.of(reader)) | {
        "live": live_of(cluster),
        "grants": list(
            grants(reader).filter(cluster=cluster).select_related("team").order_by("namespace")
        ),
        "gateways": list(gateways(reader).filter(cluster=cluster).order_by("namespace", "name")),
        "mends_credential": remedy_of(cluster.problem_code).place == Place.CREDENTIAL,
        "described": _described(cluster, request.POST),
        "typed_source": _typed(cluster, request.POST),
        "may": is_platform(reader),
        "problem": str(refusal) if refusal else problem,
    }
    status = 200
    if refusal is not None or problem:
        status = 403 if isinstance(refusal, NotAllowed) else 422
        status = 409 if refusal and not isinstance(refusal, NotAllowed | Invalid) else status
    return show(request, "clusters/detail.html", context, active=ACTIVE, status=status)
