"""What a watch tells, and how the bytes of lists and streams are read: partially, and one object
at a time, so that a malformed one spoils nothing but itself. Pure."""

from enum import StrEnum
from typing import Annotated, Any

import msgspec

from inference.clusters.client.errors import ClusterUnavailable, ManifestRejected, Unavailable


class EventType(StrEnum):
    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    BOOKMARK = "BOOKMARK"
    SYNCED = "SYNCED"
    """The list was read to its end: what was told until now is the whole."""
    MALFORMED = "MALFORMED"
    """One object that cannot be read; the watch goes on."""
    LOST = "LOST"
    """The stream broke, for the reason in `error`; the watch opens it again by itself."""


class Event(msgspec.Struct, frozen=True):
    """`raw` is the object's JSON; empty for a deletion that was missed and is told afterwards."""

    type: EventType
    namespace: str = ""
    name: str = ""
    uid: str = ""
    resource_version: str = ""
    raw: bytes = b""
    error: Any = None

    def object(self) -> dict[str, Any]:
        """The whole object. Observers that need a few fields decode `raw` into a Struct."""
        value: dict[str, Any] = msgspec.json.decode(self.raw, type=dict)
        return value


_PRINTABLE = r"\A[^\x00-\x20\x7f]*\Z"


class Metadata(msgspec.Struct, rename="camel"):
    """Of the length that Kubernetes gives them, so that every column holds them."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=253, pattern=_PRINTABLE)]
    uid: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=_PRINTABLE)]
    resource_version: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=_PRINTABLE)]
    namespace: Annotated[str, msgspec.Meta(max_length=63, pattern=_PRINTABLE)] = ""


class _Object(msgspec.Struct):
    metadata: Metadata


class _VersionOnly(msgspec.Struct, rename="camel"):
    resource_version: str


class _Bookmark(msgspec.Struct):
    metadata: _VersionOnly


class _Line(msgspec.Struct):
    type: str
    object: msgspec.Raw


class _ListMetadata(msgspec.Struct, rename="camel"):
    resource_version: str
    continue_: str = msgspec.field(default="", name="continue")


class _List(msgspec.Struct):
    kind: str
    metadata: _ListMetadata
    items: list[msgspec.Raw] | None


class _Status(msgspec.Struct):
    code: int


class RawPage(msgspec.Struct, frozen=True):
    """One page of a list, its objects unread."""

    items: tuple[bytes, ...]
    resource_version: str
    next: str


_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeError)
_object = msgspec.json.Decoder(_Object)
_bookmark = msgspec.json.Decoder(_Bookmark)
_status = msgspec.json.Decoder(_Status)
_line = msgspec.json.Decoder(_Line)
_list = msgspec.json.Decoder(_List)


def page(body: bytes, kind: str) -> RawPage:
    """Raises ClusterUnavailable for what is no list of this kind: it is not an empty one."""
    try:
        found = _list.decode(body)
    except _UNREADABLE:
        raise ClusterUnavailable(Unavailable.NOT_KUBERNETES) from None
    if found.kind != f"{kind}List" or not found.metadata.resource_version:
        raise ClusterUnavailable(Unavailable.NOT_KUBERNETES)
    return RawPage(
        tuple(map(bytes, found.items or ())),
        found.metadata.resource_version,
        found.metadata.continue_,
    )


def line(text: bytes) -> tuple[str, bytes]:
    """The type and the object of one line of a stream. Raises ClusterUnavailable."""
    try:
        found = _line.decode(text)
    except _UNREADABLE:
        raise ClusterUnavailable(Unavailable.NOT_KUBERNETES) from None
    return found.type, bytes(found.object)


def metadata(raw: bytes) -> Metadata | None:
    """Who this object is; None where it does not say so properly."""
    try:
        return _object.decode(raw).metadata
    except _UNREADABLE:
        return None


def bookmark(raw: bytes) -> str:
    """The resourceVersion of a bookmark; empty where it has none."""
    try:
        return _bookmark.decode(raw).metadata.resource_version
    except _UNREADABLE:
        return ""


def status_code(raw: bytes) -> int:
    """The HTTP status that a `Status` in a stream stands for."""
    try:
        return _status.decode(raw).code
    except _UNREADABLE:
        return 500


def lost(error: ClusterUnavailable | ManifestRejected) -> Event:
    return Event(EventType.LOST, error=error)


def is_older(one: str, other: str) -> bool:
    """Whether `one` is certainly an earlier resourceVersion; what is no number compares to none."""
    if not (_is_number(one) and _is_number(other)):
        return False
    return int(one) < int(other)


def _is_number(version: str) -> bool:
    return version.isascii() and version.isdigit() and len(version) <= 20  # noqa: PLR2004 - 64 bit
