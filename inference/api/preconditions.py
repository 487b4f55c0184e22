"""Which version the asker looked at: strong entity tags that hold the row's version."""

import re

from rest_framework.request import Request

from inference.api.refusals import Declined
from inference.messages import api as messages
from inference.messages import connecting

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,100}"')
_LIST = re.compile(rf"{_TAG.pattern}(?:\s*,\s*{_TAG.pattern}){{0,9}}")


def etag(version: object) -> str:
    return f'"{version}"'


def matching(request: Request, version: int) -> int:
    """`version`, when If-Match names it: the row's present one, for the action to compare again.

    `*` names no version and counts as missing; weak tags never match.
    """
    header = request.META.get("HTTP_IF_MATCH", "").strip()
    if header in {"", "*"}:
        raise Declined(428, messages.IF_MATCH_MISSING)
    if len(header) > 1000 or not _LIST.fullmatch(header):  # noqa: PLR2004  (more is no tag of ours)
        raise Declined(400, messages.IF_MATCH_MALFORMED)
    tags = _TAG.findall(header)
    if etag(version) not in tags:
        was = ", ".join(tags)
        raise Declined(412, connecting.VERSION_MOVED_ON, was=was, now=version)
    return version
