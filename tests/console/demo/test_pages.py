"""Whoever follows every link of the furnished world finds a page behind each."""

import http.client
import re
from collections import deque
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import pytest

pytestmark = pytest.mark.real

MOST_PAGES = 150
SEEN_BY_ALL = ("/", "/change-requests/4/", "/served-models/search/deepseek-r1/", "/clusters/east/")


class Browser:
    """Just enough of one: cookies, forms, links."""

    def __init__(self, address: str) -> None:
        self._place = urlsplit(address).netloc
        self._cookies = SimpleCookie()

    def get(self, path: str) -> tuple[int, str]:
        return self._ask("GET", path)

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        return self._ask("POST", path, urlencode(form))

    def sign_in(self, name: str, password: str) -> int:
        _, page = self.get("/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        form = {"csrfmiddlewaretoken": token[1], "username": name, "password": password}
        return self.post("/sign-in/", form)[0]

    def _ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection(self._place, timeout=60)
        cookies = "; ".join(f"{one.key}={one.value}" for one in self._cookies.values())
        headers = {"Cookie": cookies, "Origin": f"http://{self._place}"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self._cookies.load(value)
        text = answer.read().decode(errors="replace")
        connection.close()
        return answer.status, text


def links(page: str, path: str) -> list[str]:
    found = re.findall(r'<a [^>]*href="([^"#]+)', page)
    inside = [urljoin(path, link.replace("&amp;", "&")) for link in found]
    return [link for link in inside if link.startswith("/") and not link.startswith("/api/")]


def door_of(told: str, person: str) -> tuple[str, str]:
    """Where a demo is, and the password of one of its people, from what it prints."""
    address = re.search(r"Waybill is at (http://\S+?)/$", told, re.MULTILINE)
    password = re.search(rf"^  {person} +password (\S+)", told, re.MULTILINE)
    assert address
    assert password
    return address[1], password[1]


@pytest.mark.parametrize("person", ["author", "approver", "platform"])
def test_every_link_leads_to_a_page(furnished: Path, person: str) -> None:
    address, password = door_of((furnished / "demo.log").read_text(), person)
    browser = Browser(address)

    assert browser.sign_in(person, password) == 302
    waiting, seen = deque(["/"]), {"/": 0}
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.popleft()
        seen[path], page = browser.get(path)
        for link in links(page, path):
            if link not in seen:
                seen[link] = 0
                waiting.append(link)

    assert {path: status for path, status in seen.items() if status not in {0, 200}} == {}
    assert person == "platform" or set(SEEN_BY_ALL) <= set(seen)
