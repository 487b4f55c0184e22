"""Reading pages in tests: what a person would read, and what a browser would carry out."""

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "img", "hr"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.typed: dict[str, str] = {}
        self._field, self._is_chosen = "", False
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self._open.append(tag)
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.faults.append(f"inline <{tag}>")
        self.faults += [fault for one in attrs for fault in _of_attribute(tag, *one)]
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        self._read_field(tag, given)

    def _read_field(self, tag: str, given: dict[str, str | None]) -> None:
        if tag in {"input", "select", "textarea"}:
            self._field = given.get("id") or ""
            self.typed[self._field] = given.get("value") or ""
        elif tag == "option" and "selected" in given:
            self.typed[self._field] = given.get("value") or ""
            self._is_chosen = "value" not in given

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._open and (self._open[-1] == "textarea" or self._is_chosen):
            self.typed[self._field] += data
        self._is_chosen = False
        if self._open and self._open[-1] not in {"script", "style", "title"}:
            self.words.append(data)


def _of_attribute(tag: str, name: str, value: str | None) -> list[str]:
    found = []
    if name == "style" or name.startswith(("on", "hx-on")):
        found.append(f"{name} on <{tag}>")
    if (value or "").strip().lower().startswith(("javascript:", "js:")):
        found.append(f"script in {name} of <{tag}>")
    if name in {"src", "href", "action", "hx-get", "hx-post"} and _leads_away(value or ""):
        found.append(f"{name} of <{tag}> leads to {value}")
    return found


def _leads_away(address: str) -> bool:
    return address.startswith("//") or bool(re.match(r"[a-z]+://", address))


def words(html: str) -> str:
    """The text of a page on one line."""
    reader = _Reader()
    reader.feed(html)
    return re.sub(r"\s+", " ", " ".join(reader.words)).strip()


def faults(html: str) -> list[str]:
    """What the Content-Security-Policy would stop, and ids that stand twice."""
    reader = _Reader()
    reader.feed(html)
    twice = {one for one in reader.ids if reader.ids.count(one) > 1}
    return reader.faults + [f"id {one} twice" for one in sorted(twice)]


def links(html: str) -> list[str]:
    reader = _Reader()
    reader.feed(html)
    return reader.links


def typed(html: str) -> dict[str, str]:
    """What stands in the fields of its forms, by their ids; of a list, what is chosen."""
    reader = _Reader()
    reader.feed(html)
    return reader.typed


class _Forms(HTMLParser):
    """Forms of the page itself that write: their fields and buttons, and whether these are off."""

    def __init__(self) -> None:
        super().__init__()
        self.free: list[str] = []
        self.off: list[str] = []
        self._is_page, self._writes = False, False
        self._fieldsets: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "main":
            self._is_page = True
        elif tag == "form":
            self._writes = given.get("method") == "post"
        elif tag == "fieldset":
            self._fieldsets.append("disabled" in given)
        elif self._is_page and self._writes and _is_for_people(tag, given):
            is_off = "disabled" in given or any(self._fieldsets)
            known = given.get("name") or given.get("id") or tag
            (self.off if is_off else self.free).append(known)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._writes = False
        elif tag == "fieldset":
            self._fieldsets.pop()


def _is_for_people(tag: str, given: dict[str, str | None]) -> bool:
    return tag in {"input", "select", "textarea", "button"} and given.get("type") != "hidden"


def fields_of(html: str) -> tuple[list[str], list[str]]:
    """Of the forms of a page that write: what can be typed or pressed, and what is off."""
    reader = _Forms()
    reader.feed(html)
    return reader.free, reader.off
