"""Changes: the inbox, a change with its plan, and the deeds of those who work on it."""

from collections.abc import Callable
from typing import Any

import orjson
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from inference.changes import actions
from inference.changes.models import ChangeRequest, PlanStep
from inference.changes.visibility import reach, readable, told, visible
from inference.delivery import actions as delivery
from inference.errors import Invalid, NotAllowed, Refusal
from inference.web.change_answers import WORDS, Facts, answer_of, progress_of
from inference.web.change_arrival import arrival_of
from inference.web.change_clusters import parts_of, total
from inference.web.change_edits import edited_of
from inference.web.change_faults import faults_of
from inference.web.change_history import history_of
from inference.web.change_list_live import live_of as live_of_list
from inference.web.change_lists import RUNNING, for_page, narrowed, rows_of, views_of
from inference.web.change_live import live_of
from inference.web.change_stops import stops_of
from inference.web.deciders import advice, deciders_of, standing_of
from inference.web.definitions import may_draft
from inference.web.differences import groups, manifest_lines, yaml_lines
from inference.web.frame import scope_of, show
from inference.web.htmx import ConsoleRequest, go, is_htmx
from inference.web.lists import chosen, sheet_of, text
from inference.web.live_state import live_state_of
from inference.web.sessions import signed_in
from inference.web.verdicts import red_of, verdicts_of

State = ChangeRequest.State
ACTIVE = "change-request-list"
ORDERS = {"newest": ("-pk",), "oldest": ("pk",), "title": ("title", "-pk")}


@require_safe
@signed_in
def change_request_list(request: ConsoleRequest) -> HttpResponse:
    """What waits, for whom, and since when."""
    given = {"q": text(request), **vars(scope_of(request))}
    queryset = for_page(narrowed(request.user, given))
    views = views_of(request.user)
    view = chosen(request, "view", list(views)) or "open"
    counts = queryset.aggregate(
        **{name.replace("-", "_"): Count("pk", filter=q or None) for name, (_, q) in views.items()}
    )
    sheet = sheet_of(request, queryset.filter(views[view][1]), filters=given, orders=ORDERS)
    context = {
        "sheet": sheet,
        "rows": rows_of(sheet.rows),
        "views": [
            (name, title, counts[name.replace("-", "_")], name == view)
            for name, (title, _) in views.items()
        ],
        "view": view,
        "q": given["q"],
        "live": live_of_list(sheet, view),
        "may_draft": may_draft(request.user),
    }
    return show(request, "change_requests/list.html", context, active=ACTIVE, part="list")


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
    rows = visible(request.user).filter(pk=number)  # type: ignore[arg-type]  # signed in
    change = for_page(rows, "plan__author", "revision__author").first()
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
