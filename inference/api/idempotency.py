"""`Idempotency-Key`: a request that is sent again, because its answer was lost, is not done again.

The deed and its stored answer commit together. A refusal stores nothing: nothing was done, and
the next attempt is looked at anew.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

import orjson
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from rest_framework.request import Request
from rest_framework.response import Response

from inference.api.models import IdempotentRequest
from inference.api.refusals import Declined
from inference.api.rendering import to_json
from inference.failpoints import declare, failpoint
from inference.messages import api as messages

declare("api.before_answer_is_kept")

KEPT_FOR = timedelta(hours=24)
ABANDONED_AFTER = timedelta(seconds=60)
"""A worker answers in seconds or is dead; what it had begun was rolled back with it."""

_KEY = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_KEPT_HEADERS = ("ETag", "Location")


def once(request: Request, deed: Callable[[], Response], secrets: tuple[str, ...] = ()) -> Response:
    """Do `deed`, or answer as it was answered before. Fields in `secrets` are kept as null."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return deed()
    if not _KEY.fullmatch(key):
        raise Declined(400, messages.KEY_MALFORMED)
    row = IdempotentRequest(
        principal=_principal(request), key=key, request_hash=_hash(request), begun_at=Now()
    )
    if not _begin(row):
        return _known(row)
    mine = IdempotentRequest.objects.filter(pk=row.pk, status__isnull=True)
    try:
        with transaction.atomic():
            response = deed()
            failpoint("api.before_answer_is_kept")
            _keep(mine, response, secrets)
    except BaseException:
        mine.delete()
        raise
    return response


def _begin(row: IdempotentRequest) -> bool:
    """Enter the request as in flight. Says whether it is ours to do."""
    rows = IdempotentRequest.objects
    rows.filter(begun_at__lt=Now() - KEPT_FOR).delete()
    rows.filter(
        principal=row.principal,
        key=row.key,
        status__isnull=True,
        begun_at__lt=Now() - ABANDONED_AFTER,
    ).delete()
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _known(asked: IdempotentRequest) -> Response:
    """The answer to the first request under this key."""
    row = IdempotentRequest.objects.filter(principal=asked.principal, key=asked.key).first()
    if row is not None and row.request_hash != asked.request_hash:
        raise Declined(422, messages.KEY_REUSED)
    if row is None or row.status is None:
        raise Declined(409, messages.KEY_IN_FLIGHT)
    return Response(row.answer, row.status, headers={**row.headers, "Idempotency-Replayed": "true"})


def _keep(mine: QuerySet[IdempotentRequest], response: Response, secrets: tuple[str, ...]) -> None:
    """Raises Declined when another took the request over, because this one took so long."""
    answer = orjson.loads(to_json(response.data))
    if isinstance(answer, dict):
        answer.update({name: None for name in secrets if name in answer})
    kept = mine.update(
        status=response.status_code,
        headers={name: response[name] for name in _KEPT_HEADERS if name in response},
        answer=answer,
    )
    if not kept:
        raise Declined(409, messages.KEY_IN_FLIGHT)


def _principal(request: Request) -> str:
    return str(request.auth.pk if request.auth else request.user.pk)


def _hash(request: Request) -> str:
    body = orjson.dumps(request.data, default=str, option=orjson.OPT_SORT_KEYS)
    head = f"{request.method} {request.get_full_path()}\n"
    return hashlib.sha256(head.encode() + body).hexdigest()
