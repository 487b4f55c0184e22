"""Hardware pools: the list, a pool with what is placed on it, and its forms."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from inference.accounts.models import User
from inference.accounts.policies import teams_of
from inference.definitions.documents import HARDWARE_POOL
from inference.definitions.models import HardwarePool
from inference.web import drafting
from inference.web.capacities import reasons_of
from inference.web.definition_fields import Parts, of_hardware_pool
from inference.web.definitions import (
    clusters_of,
    find,
    listed,
    may_draft,
    may_edit,
)
from inference.web.frame import Scope, show
from inference.web.hardware_pool_live import ROWS, live_of, page_of, rows_of
from inference.web.htmx import ConsoleRequest
from inference.web.list_news import Listing, enter
from inference.web.sessions import signed_in
from inference.web.sight import Sight
from inference.web.streams import live_list

ACTIVE = "hardware-pool-list"


class HardwarePoolNoun:
    kind = HARDWARE_POOL
    word = "hardware pool"
    group = "Pools"
    active = ACTIVE

    def questions(self, user: User) -> Parts:
        return of_hardware_pool(clusters_of(user))

    def blank(self) -> dict[str, Any]:
        return {
            "accelerator": {"vendor": "nvidia"},
            "allocation": "device-plugin",
            "resource": "nvidia.com/gpu",
            "cpu_per_device": 8,
            "memory_gib_per_device": 64,
            "price_per_device_hour": "0",
            "quota_devices": 0,
        }


NOUN = HardwarePoolNoun()


@require_safe
@signed_in
def hardware_pool_list(request: ConsoleRequest) -> HttpResponse:
    rows = HardwarePool.objects.live().visible_to(teams_of(request.user))
    sheet, news = listed(request, LISTING, rows.select_related("cluster"))
    shown = rows_of(sheet.rows, Sight.of(request.user))
    context = {
        "sheet": sheet,
        "rows": shown,
        "uncounted": reasons_of(shown),
        "may_draft": may_draft(request.user),
        "live": live_list(ROWS, sheet.rows, news),
    }
    return show(request, "hardware_pools/list.html", context, active=ACTIVE, part="list")


def _in_scope(queryset: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    if scope.cluster:
        queryset = queryset.filter(cluster__name=scope.cluster)
    if scope.environment:
        queryset = queryset.filter(cluster__environment=scope.environment)
    return queryset


LISTING = enter(Listing(HARDWARE_POOL, "pool", HardwarePool, _in_scope))


@require_safe
@signed_in
def hardware_pool_detail(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    pool = find(HardwarePool, request.user, team, name, "cluster")
    context = page_of(pool, Sight.of(request.user)) | {
        "may_edit": may_edit(pool, request.user),
        "live": live_of(pool),
    }
    return show(request, "hardware_pools/detail.html", context, active=ACTIVE, part="content")


@require_http_methods(["GET", "POST"])
@signed_in
def hardware_pool_new(request: ConsoleRequest) -> HttpResponse:
    return drafting.new(request, NOUN)


@require_http_methods(["GET", "POST"])
@signed_in
def hardware_pool_edit(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    return drafting.edit(request, NOUN, find(HardwarePool, request.user, team, name))


@require_http_methods(["GET", "POST"])
@signed_in
def hardware_pool_delete(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    return drafting.delete(request, NOUN, find(HardwarePool, request.user, team, name))
