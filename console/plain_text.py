"""Refuses what no column can hold, before a page looks for it: NUL in an address or a form.

REST has its own words for that, in the parsers of its bodies and the forms of its filters.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


class PlainTextMiddleware:
    """Behind the check for forgery, so that a stranger's form is not read for this."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.encoding:  # a charset of the sender's choice: some make halves of characters
            request.encoding = "utf-8"
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_names: Any) -> None:
        match = request.resolver_match
        if match and "api" in match.namespaces:
            return
        sent = [request.GET, request.POST] if request.content_type in FORMS else [request.GET]
        texts = [text for one in sent for name, values in one.lists() for text in (name, *values)]
        if any("\0" in text for text in (request.path, *texts)):
            raise BadRequest
