"""Does everything answer? If not, what; what waits for the reader; what is under way."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from inference.changes.visibility import needs
from inference.web.definitions import may_draft
from inference.web.frame import scope_of, show
from inference.web.htmx import ConsoleRequest
from inference.web.lists import MOST
from inference.web.overview_live import change_of, changes_of, live_of, shared_of
from inference.web.sessions import signed_in
from inference.web.sight import Sight

ACTIVE = "home"


@require_safe
@signed_in
def overview(request: ConsoleRequest) -> HttpResponse:
    sight, scope = Sight.of(request.user), scope_of(request)
    waiting = changes_of(sight, scope).filter(needs(request.user)).order_by("-pk")
    context = shared_of(sight, scope) | {
        "now": timezone.now(),
        "waiting": [change_of(one) for one in waiting[:MOST]],
        "waiting_total": waiting.count(),
        "live": live_of(scope),
        "may_draft": may_draft(request.user),
    }
    return show(request, "overview/page.html", context, active=ACTIVE, part="content")
