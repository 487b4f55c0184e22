"""Changes: the inbox, a change with its plan, and the deeds of those who work on it."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from inference.accounts.models import User
from inference.changes import actions
from inference.changes.models import ChangeRequest, Edit, PlanCheck, PlanStep, PlanTouch
from inference.changes.visibility import needs, reach, readable, told, visible
from inference.delivery import actions as delivery
from inference.errors import Invalid, NotAllowed, Refusal
from inference.web.change_answers import WORDS, Facts, answer_of, progress_of
from inference.web.change_arrival import arrival_of
from inference.web.change_clusters import parts_of, total
from inference.web.change_edits import edited_of
from inference.web.change_faults import faults_of
from inference.web.change_history import history_of
from inference.web.change_live import live_of
from inference.web.change_stops import stops_of
from inference.web.deciders import advice, deciders_of, standing_of
from inference.web.definitions import may_draft
from inference.web.differences import groups, manifest_lines, yaml_lines
from inference.web.frame import Scope, scope_of, show
from inference.web.htmx import ConsoleRequest, go, is_htmx, signed_in
from inference.web.lists import chosen, sheet_of, text
from inference.web.live_state import live_state_of
from inference.web.verdicts import red_of, verdicts_of

State = ChangeRequest.State
ACTIVE = "change-request-list"
RUNNING = (State.APPROVED, State.APPLYING, State.VERIFYING)
DONE = (*ChangeRequest.FINAL, State.PARTIAL, State.FAILED)
ORDERS = {"newest": ("-pk",), "oldest": ("pk",), "title": ("title", "-pk")}
PEOPLE = ("team", "author", "revision", "plan")


def _views(user: User) -> dict[str, tuple[str, Q]]:
    """Saved views of the inbox, each with its title."""
    return {
        "needs-me": ("Needs me", needs(user)),
        "mine": ("Mine", Q(author=user)),
        "open": ("Open", ~Q(state__in=DONE)),
        "running": ("Running", Q(state__in=RUNNING)),
        "done": ("Done", Q(state__in=DONE)),
        "all": ("All", Q()),
    }


@require_safe
@signed_in
def change_request_list(request: ConsoleRequest) -> HttpResponse:
    """What waits, for whom, and since when."""
    scope, found = scope_of(request), visible(request.user)
    queryset = _scoped(found, scope).select_related(*PEOPLE)
    wanted = text(request)
    if wanted:
        queryset = queryset.filter(matching(wanted))
    views = _views(request.user)
    view = chosen(request, "view", list(views)) or "open"
    counts = queryset.aggregate(
        **{name.replace("-", "_"): Count("pk", filter=q or None) for name, (_, q) in views.items()}
    )
    sheet = sheet_of(
        request,
        queryset.filter(views[view][1]),
        filters={"q": wanted, **{key: value for key, value in vars(scope).items() if value}},
        orders=ORDERS,
    )
    context = {
        "sheet": sheet,
        "rows": _rows(sheet.rows),
        "views": [
            (name, title, counts[name.replace("-", "_")], name == view)
            for name, (title, _) in views.items()
        ],
        "view": view,
        "q": wanted,
        "may_draft": may_draft(request.user),
    }
    return show(request, "change_requests/list.html", context, active=ACTIVE, part="list")


def _scoped(queryset: QuerySet[ChangeRequest], scope: Scope) -> QuerySet[ChangeRequest]:
    if scope.team:
        queryset = queryset.filter(team__name=scope.team)
    if scope.environment:
        touches = PlanTouch.objects.filter(environment=scope.environment).values("plan")
        queryset = queryset.filter(plan__in=touches)
    if scope.cluster:
        steps = PlanStep.objects.filter(cluster__name=scope.cluster).values("plan")
        queryset = queryset.filter(plan__in=steps)
    return queryset


def matching(wanted: str) -> Q:
    number = wanted.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 18:  # noqa: PLR2004  (a bigint's)
        return Q(pk=int(number)) | Q(title__icontains=wanted)
    return Q(title__icontains=wanted) | Q(author__username__icontains=wanted)


def _rows(changes: Sequence[ChangeRequest]) -> list[dict[str, Any]]:
    """With what they edit and how they were judged. Two queries."""
    revisions = {change.revision_id for change in changes}
    edits: dict[int, list[str]] = {}
    values = Edit.objects.filter(revision__in=revisions).order_by("ordinal")
    for revision, name in values.values_list("revision_id", "name"):
        edits.setdefault(revision, []).append(name)
    plans = {change.plan_id for change in changes}
    red = set(
        PlanCheck.objects.filter(plan__in=plans, state=PlanCheck.State.RED).values_list(
            "plan_id", flat=True
        )
    )
    return [
        {
            "change": change,
            "word": WORDS[State(change.state)],
            "names": ", ".join(edits.get(change.revision_id or 0, [])[:3]),
            "is_red": change.plan_id in red and change.state == State.IN_REVIEW,
        }
        for change in changes
    ]


@require_safe
@signed_in
def change_request_detail(request: ConsoleRequest, number: int) -> HttpResponse:
    return _show(request, find(request, number))


@require_safe
@signed_in
def change_request_step(request: ConsoleRequest, number: int, ordinal: int) -> HttpResponse:
    """One object of the plan: its fields that differ, and the bytes that would be sent."""
    change = find(request, number)
    rows = readable(PlanStep.objects.filter(plan=change.plan_id), request.user, change)
    step = rows.select_related("cluster", "team").filter(ordinal=ordinal).first()
    if step is None:
        raise Http404
    context = {"change": change, "step": step, "lines": manifest_lines(_document(step.body))}
    return show(request, "change_requests/step.html", context, active=ACTIVE)


@require_POST
@signed_in
def change_request_decide(request: ConsoleRequest, number: int, verdict: str) -> HttpResponse:
    """Approve, ask for changes or reject: the plan that the page showed, and no other."""
    deeds: dict[str, Callable[..., Any]] = {
        "approve": actions.approve,
        "request-changes": actions.request_changes,
        "reject": actions.reject,
    }
    sent = {"plan_hash": request.POST.get("plan", ""), "comment": request.POST.get("comment", "")}
    if verdict not in deeds:
        raise Http404
    return _do(request, number, deeds[verdict], **sent)


@require_POST
@signed_in
def change_request_submit(request: ConsoleRequest, number: int) -> HttpResponse:
    return _do(request, number, actions.submit, version=_version(request))


@require_POST
@signed_in
def change_request_cancel(request: ConsoleRequest, number: int) -> HttpResponse:
    return _do(request, number, actions.cancel, version=_version(request))


@require_POST
@signed_in
def change_request_retry(request: ConsoleRequest, number: int) -> HttpResponse:
    return _do(request, number, delivery.retry)


def _do(
    request: ConsoleRequest, number: int, deed: Callable[..., Any], **sent: Any
) -> HttpResponse:
    """Carry it out, and show the change as it is then: with the refusal, where there was one."""
    change = find(request, number)
    try:
        deed(change=change, by=request.user, at=timezone.now(), **sent)
    except Refusal as refusal:
        return _show(request, find(request, number), refusal)
    if is_htmx(request):
        return _show(request, find(request, number), looks_again=True)
    return go(request, "web:change-request-detail", number)


def find(request: HttpRequest, number: int) -> ChangeRequest:
    """For every page of a change. Raises 404 for what the reader may not see."""
    rows = visible(request.user).select_related(*PEOPLE, "plan__author", "revision__author")  # type: ignore[arg-type]  # signed in
    change = rows.filter(pk=number).first()
    if change is None:
        raise Http404
    return change


def _show(
    request: ConsoleRequest,
    change: ChangeRequest,
    refusal: Refusal | None = None,
    *,
    looks_again: bool = False,
) -> HttpResponse:
    """Every part of the page from one look at the rows.

    After a deed the page looks again when it has this answer: what the deed has set going is told
    to open pages at once, and may be there before it.
    """
    reader = request.user
    whose = reach(reader, change)
    change.problem_code, change.problem_params = told(
        change.problem_code, change.problem_params, whose
    )
    parts, verdicts = parts_of(change, whose), verdicts_of(change, whose)
    deciders, standing = deciders_of(change, reader), standing_of(change, reader)
    edited, arrival = edited_of(change), arrival_of(change, whose)
    faults, red = faults_of(change, parts, whose), red_of(change, verdicts)
    context = {
        "change": change,
        "word": WORDS[State(change.state)],
        "progress": progress_of(change, parts),
        "faults": faults,
        "may_retry": standing.can_retry and (not faults or any(one.helps_retry for one in faults)),
        "answer": answer_of(Facts(change, reader, standing, deciders, verdicts, parts)),
        "stops": stops_of(change, deciders, parts, arrival, red),
        "arrival": arrival,
        "verdicts": verdicts,
        "is_red": red is not None,
        "open_verdicts": [one for one in verdicts if one.is_open],
        "edited": edited,
        "groups": [group for one in edited for group in groups(one)],
        "yaml": [line for one in edited for line in yaml_lines(one)],
        "parts": parts,
        "objects": total(parts),
        "deciders": deciders,
        "standing": standing,
        "why_not": advice(standing.approve, deciders) if standing.approve else "",
        "history": history_of(change),
        "live": live_of(change),
        "in_review": change.state == State.IN_REVIEW,
        "is_running": change.state in RUNNING,
        "live_state": live_state_of(change),
        "comment": request.POST.get("comment", ""),
        "refusal": refusal,
        "looks_again": looks_again,
    }
    status = _status(refusal) if refusal else 200
    template = "change_requests/detail.html"
    return show(request, template, context, active=ACTIVE, part="content", status=status)


def _status(refusal: Refusal) -> int:
    if isinstance(refusal, NotAllowed):
        return 403
    return 422 if isinstance(refusal, Invalid) else 409


def _version(request: HttpRequest) -> int:
    sent = request.POST.get("version", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0  # noqa: PLR2004


def _document(body: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(body) if body else {}
    return found
