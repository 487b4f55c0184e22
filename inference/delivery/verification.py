"""Whether what was pushed has come to life. Rows of observation only: no cluster is asked.

Last of all, each member of a route has to answer: `health` asks, and writes down what came.
"""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from inference.delivery import answering, ending, pruning, standing
from inference.delivery.models import Push
from inference.delivery.recording import say
from inference.failpoints import declare, failpoint
from inference.messages import delivery as messages

declare("verify.before_finish")


def verify(push: Push, at: datetime) -> bool:
    """Whether the push has ended: all that it touches is ready and answers, or its time is over."""
    routes = standing.routes(push)
    parts = [*standing.placements(push), *routes]
    missing = [part for part in parts if not part.readiness.is_ready]
    missing = missing or answering.silent(push, routes)
    if not missing:
        _succeed(push, at)
        return True
    if not Push.objects.filter(pk=push.pk, verify_until__lte=Now()).exists():
        say(push, messages.WAITS_FOR, ending.described(missing[0]))
        return False
    state = Push.State.PARTIAL if len(missing) < len(parts) else Push.State.FAILED
    with transaction.atomic():
        params = ending.late(push, missing[0])
        ending.finish(push, state, at, messages.NOT_READY_IN_TIME, params)
        failpoint("verify.before_finish")
    return True


@transaction.atomic
def _succeed(push: Push, at: datetime) -> None:
    if ending.finish(push, Push.State.SUCCEEDED, at, None, {}):
        pruning.mark_superseded(push, at)
    failpoint("verify.before_finish")
