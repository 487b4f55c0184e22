"""Django's admin site: reads what its reader may see, and writes nothing by itself.

Approving and rejecting go through the same actions as every other door: one change at a time, by
the hash of the plan that was on the page.
"""

from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from inference.accounts.models import Token, User
from inference.accounts.policies import teams_of
from inference.changes import actions
from inference.changes.models import ChangeRequest
from inference.clusters.models import ClusterCredential, MetricsSource
from inference.errors import Refusal
from inference.health.models import Trial
from inference.messages import sentence

HIDDEN: dict[type[Model], set[str]] = {
    User: {"password"},
    Token: {"secret_hash"},
    ClusterCredential: {"wrapped_key", "sealed"},
    Trial: {"secret_hash", "session_hash", "prompt_hash"},
    MetricsSource: {"wrapped_key", "sealed"},
}
"""What nobody is shown, superusers included."""

TEAM_OF = {
    "Team": "pk",
    "Membership": "team",
    "Grant": "team",
    "HardwarePool": "team",
    "ServedModel": "team",
    "Placement": "served_model__team",
    "Route": "team",
    "RouteMember": "route__team",
    "PublicName": "route__team",
    "ChangeRequest": "team",
    "Contributor": "change__team",
    "Revision": "change__team",
    "Edit": "team",
    "Plan": "change__team",
    "PlanTouch": "team",
    "PlanStep": "team",
    "PlanCheck": "plan__change__team",
    "Decision": "plan__change__team",
    "DesiredObject": "team",
    "Inventory": "team",
    "Push": "change__team",
    "PushOutcome": "push__change__team",
    "AuditEvent": "team",
}
"""Where a row names its team. Tables that are not here are for superusers."""


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # it takes none at run time
    """Lists and shows. Superusers see every row, other staff those of their teams."""

    actions: Any = None
    list_per_page = 50
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del obj
        user = request.user
        known = user.is_superuser or self.model.__name__ in TEAM_OF
        return bool(user.is_active and user.is_staff and known)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_add_permission(self, request: HttpRequest) -> bool:
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del request, obj
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_queryset(request)
        if not isinstance(request.user, User) or request.user.is_superuser:
            return queryset
        team = TEAM_OF.get(self.model.__name__)
        if team is None:
            return queryset.none()
        return queryset.filter(**{f"{team}__in": teams_of(request.user)})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        del request, obj
        hidden = HIDDEN.get(self.model, set())
        return [field.name for field in self.opts.fields if field.name not in hidden]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)


class ChangeRequests(ReadOnly):
    """Chosen one at a time; the page that follows shows what is being decided on."""

    list_display = ("id", "title", "state", "team", "author")
    list_select_related = ("team", "author")
    list_filter = ("state",)
    ordering = ("-pk",)
    actions = ("approve", "reject")

    @admin.action(description="Approve…")
    def approve(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._choose(request, queryset, "approve")

    @admin.action(description="Reject…")
    def reject(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._choose(request, queryset, "reject")

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(self.decide)
        pattern = "<int:number>/<str:verdict>/decide/"
        return [path(pattern, decide, name="inference_decide"), *super().get_urls()]

    def decide(self, request: HttpRequest, number: int, verdict: str) -> HttpResponse:
        """Show the plan; a POST decides on the one that it shows."""
        change = self.get_queryset(request).select_related("plan").filter(pk=number).first()
        if change is None or verdict not in {"approve", "reject"}:
            raise Http404
        if request.method == "POST":
            try:
                _decide(request, change, verdict)
            except Refusal as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, f"{change}: recorded.")
                return HttpResponseRedirect(reverse("admin:inference_changerequest_changelist"))
        return self._page(request, change, verdict)

    def _choose(
        self, request: HttpRequest, queryset: QuerySet[Any], verdict: str
    ) -> HttpResponse | None:
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            messages.error(request, "Choose one change: each is decided on by its own plan.")
            return None
        names = {"number": chosen[0].pk, "verdict": verdict}
        return HttpResponseRedirect(reverse("admin:inference_decide", kwargs=names))

    def _page(self, request: HttpRequest, change: ChangeRequest, verdict: str) -> HttpResponse:
        checks = change.plan.checks.order_by("ordinal") if change.plan else []
        said = [(one.verdict, one.state, sentence(one.code, one.params)) for one in checks]
        context = {
            **self.admin_site.each_context(request),
            "title": f"{verdict.capitalize()} {change}",
            "change": change,
            "verdict": verdict,
            "checks": said,
        }
        return TemplateResponse(request, "admin/decide.html", context)


def _decide(request: HttpRequest, change: ChangeRequest, verdict: str) -> None:
    if not isinstance(request.user, User):
        raise Http404
    action = actions.approve if verdict == "approve" else actions.reject
    action(
        change=change,
        plan_hash=request.POST.get("plan_hash", ""),
        comment=request.POST.get("comment", ""),
        by=request.user,
        at=timezone.now(),
    )


for table in apps.get_app_config("inference").get_models():
    admin.site.register(table, ChangeRequests if table is ChangeRequest else ReadOnly)
if isinstance(admin.site.get_model_admin(Group), GroupAdmin):
    admin.site.unregister(Group)  # groups of Django mean nothing here
