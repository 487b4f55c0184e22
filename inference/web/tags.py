"""What templates say in one word: icons, ages, times, initials, and addresses that keep a query."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from inference.web import counts
from inference.web.lists import Sheet

register = template.Library()

_stamp = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+\d\d:\d\d))")
MINUTE, HOUR, DAY = 60, 3600, 86400
BRIEF_FROM, BRIEF = 24, 170
"""Characters: a shorter first sentence says too little, and a longer one is no answer."""


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One of the sprite. An icon without a word beside it needs a label."""
    address = f"{static('icons.svg')}#i-{name}"
    if label:
        return format_html(
            '<svg class="i" role="img" aria-label="{}"><use href="{}"/></svg>', label, address
        )
    return format_html('<svg class="i" aria-hidden="true"><use href="{}"/></svg>', address)


@register.filter
def age(value: datetime | None) -> str:
    """`18 s`, `4 min`, `2 d 7 h`: how long ago."""
    return span(timezone.now() - value) if value else "never"


@register.filter
def took(value: timedelta | None) -> str:
    """`48 s`, `9 min`: how long it was."""
    return span(value) if value is not None else ""


@register.filter
def left(value: datetime | None) -> str:
    """How long until then."""
    return span(value - timezone.now()) if value else ""


def span(period: timedelta) -> str:
    seconds = max(0, int(period.total_seconds()))
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        return _pair(seconds // HOUR, "h", seconds % HOUR // MINUTE, "min")
    return _pair(seconds // DAY, "d", seconds % DAY // HOUR, "h")


def _pair(many: int, unit: str, few: int, small: str) -> str:
    return f"{many} {unit} {few} {small}" if few else f"{many} {unit}"


def clock(value: datetime) -> str:
    """`13:32` for today, `22 Nov 09:14` for older, with the year where it is another."""
    now = timezone.now()
    if value.date() == now.date():
        return f"{value:%H:%M}"
    if value.year == now.year:
        return f"{value.day} {value:%b %H:%M}"
    return f"{value.day} {value:%b %Y %H:%M}"


@register.simple_tag
def at(value: datetime | None) -> SafeString | str:
    """A point in time, in UTC; script turns it into the reader's zone."""
    if value is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        value.isoformat(timespec="seconds"),
        f"{value:%Y-%m-%d %H:%M:%S}",
        clock(value),
    )


@register.simple_tag
def ago(value: datetime | None) -> SafeString | str:
    """How old something is: the point in time, until a live page counts on by itself."""
    if value is None:
        return "never"
    return _age_of(value, "")


def _age_of(value: datetime, manner: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{} UTC" data-ago="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        f"{value:%Y-%m-%d %H:%M:%S}",
        manner,
        clock(value),
    )


@register.filter
def brief(value: object) -> str:
    """The first sentence of what may be a paragraph of a scheduler's; the rest stands elsewhere."""
    text = str(value)
    first, stop, rest = text.partition(". ")
    if not rest or len(first) < BRIEF_FROM:
        first, stop = text, ""
    return f"{first}{stop.strip()}" if len(first) <= BRIEF else f"{first[: BRIEF - 1].rstrip()}…"


@register.filter
def prose(value: object) -> SafeString:
    """A sentence whose commands, between backticks, are set as code, and its times as times.

    A live page says beside each of them how long ago that was.
    """
    parts = str(value).split("`")
    pieces = [
        format_html('<code class="mono">{}</code>', part) if place % 2 else _timed(part)
        for place, part in enumerate(parts)
    ]
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _timed(text: str) -> SafeString:
    parts = _stamp.split(text)
    pieces = [_moment(part) if place % 2 else part for place, part in enumerate(parts)]
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _moment(text: str) -> SafeString | str:
    """What only looks like a time stays text: sentences quote what clusters say."""
    try:
        return _age_of(datetime.fromisoformat(text), "too")
    except ValueError:
        return text


@register.filter
def short(value: str | None) -> str:
    """The first four characters of a hash, as buttons name it."""
    return (value or "")[:4]


@register.filter
def groups(value: str | None) -> str:
    """The first twelve characters of a hash, in fours."""
    text = (value or "")[:12]
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


@register.filter
def initials(value: Any) -> str:
    words = str(value).replace("-", " ").replace(".", " ").split()
    return "".join(word[0] for word in words[:2]).upper()


@register.filter
def plural(count: int, word: str) -> str:
    """`1 object`, `3 objects`, `5,001 objects`."""
    return counts.plural(count, word)


@register.filter
def number(count: int) -> str:
    """`5,001`: a count in thousands."""
    return f"{count:,}"


@register.filter
def price(value: str | None) -> str:
    """`2.40 USD`; empty where none was set, which is not the same as costing nothing."""
    return f"{value} {settings.CURRENCY}" if value and value.strip("0.") else ""


@register.filter
def counted(sheet: Sheet, word: str) -> str:
    """What a list holds, under the filters that it has."""
    if not sheet.is_filtered:
        return plural(sheet.total, word) if sheet.total else f"No {counts.many(word)} yet"
    if not sheet.total:
        return f"No {word} matches"
    return f"{plural(sheet.total, word)} {'matches' if sheet.total == 1 else 'match'}"


@register.simple_tag(takes_context=True)
def here(context: dict[str, Any], **changes: Any) -> str:
    """The query of this page with `changes`; an empty value takes a name away."""
    given = {key: value for key, value in context["request"].GET.items() if key != "page"}
    given.update({key: str(value) for key, value in changes.items()})
    kept = {key: value for key, value in given.items() if value}
    return f"?{urlencode(kept)}"
