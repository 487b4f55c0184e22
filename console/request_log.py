"""One log line and one measurement for each request, with an id that the answer carries too."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

REQUESTS = Counter(
    "waybill_http_requests_total", "Requests answered", ["method", "route", "status"]
)
SECONDS = Histogram(
    "waybill_http_request_seconds", "Time to answer, in seconds", ["method", "route"]
)

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
"""Whoever asks may invent methods, and each would be a series of its own for ever."""

_id_of_a_proxy = re.compile(r"[A-Za-z0-9-]{8,64}")
_log = structlog.get_logger("waybill.request")


class RequestLogMiddleware:
    """Outermost, so that an answer of any other middleware is counted too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _id_of_a_proxy.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        self._say(request, response, time.perf_counter() - started)
        return response

    def _say(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        match = request.resolver_match
        route = match.route if match else "unmatched"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, response.status_code).inc()
        SECONDS.labels(method, route).observe(seconds)
        if route not in {"healthz", "metrics"}:
            _log.info(
                "request",
                method=method,
                path=request.path,
                status=response.status_code,
                milliseconds=round(seconds * 1000, 1),
            )
