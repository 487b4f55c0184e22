"""Pages are compressed on their way. What has an ETag is left: If-Match finds those bytes again.

Django pads what it compresses at random, so that its length tells nothing of the token in it.
"""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PageCompressionMiddleware(GZipMiddleware):
    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_page = response.get("Content-Type", "").startswith("text/html")
        if is_page and not response.has_header("ETag"):
            return super().process_response(request, response)
        return response
