"""`make demo` as somebody starts it: when it serves, its page is live, and all is furnished."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

PATIENCE = 300.0
PAGE = 200
FURNISHED = "all is furnished"


@dataclass
class Demo:
    """Seconds since the start, for each thing that was waited for."""

    served: float = 0.0
    live: float = 0.0
    furnished: float = 0.0


@contextmanager
def running(folder: Path) -> Iterator["Starting"]:
    """`make demo` in a checkout, on a free port; told to stop at the end, as Ctrl-C does."""
    process = subprocess.Popen(
        ["make", "--silent", "demo", "PORT=0"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if name not in HERE},
    )
    try:
        yield Starting(process)
    finally:
        _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    """As Ctrl-C does. What is still installing, and was started deaf to that, is killed."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


HERE = {"PYTHONPATH", "VIRTUAL_ENV", "DJANGO_SETTINGS_MODULE", "DATABASE_URL", "WAYBILL_VAR"}
"""What of this process' environment a shell of somebody else does not have."""


class Starting:
    """Reads what the demo prints, and looks at it as the author does."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.began = time.time()
        self._process = process
        self._text = ""
        self._told = Event()
        self._furnished_at = 0.0
        Thread(target=self._read, daemon=True).start()

    def follow(self, *, to_the_end: bool) -> Demo:
        found = Demo()
        address = self._said(r"Waybill is at (\S+)/\n")
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        with browser.open(f"{address}/", timeout=PATIENCE) as answer:
            if answer.status != PAGE:
                raise RuntimeError(f"/ answered {answer.status}")
        found.served = time.time() - self.began
        page = _signed_in(browser, address, self._said(r"author +password (\S+)"))
        stream = re.search(r'data-stream="([^"]+)"', page)
        if stream is None:
            raise RuntimeError("The first page is not live.")
        _event(browser, address + stream[1].replace("&amp;", "&"))
        found.live = time.time() - self.began
        if to_the_end:
            self._said(f"({FURNISHED})")
            found.furnished = self._furnished_at - self.began
        return found

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._text += line
            if FURNISHED in line:
                self._furnished_at = time.time()
            self._told.set()

    def _said(self, pattern: str) -> str:
        deadline = time.time() + PATIENCE
        while time.time() < deadline and self._process.poll() is None:
            found = re.search(pattern, self._text)
            if found:
                return found[1]
            self._told.clear()
            self._told.wait(0.05)
        raise RuntimeError(f"The demo did not say {pattern}: {self._text}")


def _signed_in(browser: OpenerDirector, address: str, password: str) -> str:
    """The overview, as the author sees it."""
    with browser.open(f"{address}/sign-in/") as answer:
        door = answer.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', door)
    form = {
        "username": "author",
        "password": password,
        "csrfmiddlewaretoken": token[1] if token else "",
        "next": "/",
    }
    with browser.open(f"{address}/sign-in/", urlencode(form).encode(), timeout=PATIENCE) as answer:
        page: str = answer.read().decode()
    return page


def _event(browser: OpenerDirector, stream: str) -> None:
    """Until the stream puts a part on the page."""
    with browser.open(stream, timeout=PATIENCE) as answer:
        for line in answer:
            if line.startswith(b"data: <hx-partial"):
                return
    raise RuntimeError("The stream ended.")
