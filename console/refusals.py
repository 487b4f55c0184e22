"""A request that came to no view: told by a page, or under REST by a problem document."""

from django.http import HttpRequest, HttpResponse

from inference.api.errors import refuse_early
from inference.web import problems


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        return refuse_early(exception)
    return problems.bad_request(request)
