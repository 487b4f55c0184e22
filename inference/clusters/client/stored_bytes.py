"""Inserts an object's UID into stored bytes when they are sent: the only change to what was
approved, and one that can be taken back exactly."""

import re
from itertools import pairwise

from inference.clusters.client.errors import ManifestRejected, Rejected

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:]', re.DOTALL)
_UID = re.compile(r"[A-Za-z0-9-]{1,64}\Z")
_INSERTED = re.compile(rb'"uid":"[A-Za-z0-9-]{1,64}"(?:,|(?=\}))')


def with_uid(body: bytes, uid: str) -> bytes:
    """`body` with `metadata.uid`. Raises ManifestRejected where that is not possible."""
    if not _UID.match(uid):
        raise ManifestRejected(Rejected.MALFORMED, "the UID is none")
    at = _inside_metadata(body)
    comma = b"" if body[at:].lstrip()[:1] == b"}" else b","
    return body[:at] + b'"uid":"%s"%s' % (uid.encode(), comma) + body[at:]


def without_uid(body: bytes) -> bytes:
    """What `with_uid` was given: the stored bytes."""
    at = _inside_metadata(body)
    inserted = _INSERTED.match(body, at)
    return body[:at] + body[inserted.end() :] if inserted else body


def _inside_metadata(body: bytes) -> int:
    """The place behind the brace that opens the object's own `metadata`."""
    depth = 0
    tokens = _TOKEN.finditer(body)
    for token, following in pairwise(tokens):
        mark = token[0]
        if mark in b"{[":
            depth += 1
        elif mark in b"}]":
            depth -= 1
        elif depth == 1 and mark == b'"metadata"' and following[0] == b":":
            brace = _TOKEN.search(body, following.end())
            if brace and brace[0] == b"{":
                return brace.end()
            break
    raise ManifestRejected(Rejected.MALFORMED, "the stored object has no metadata")
