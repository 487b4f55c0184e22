"""Who asks in tests of the doors: somebody with a token or a session, over the whole stack."""

from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse

from inference.accounts.models import User

JSON = "application/json"
HANDLER = ClientHandler(enforce_csrf_checks=False)
"""Shared: each one loads the middleware anew, and that looks at every static file."""


def client() -> Client:
    made = Client()
    made.handler = HANDLER
    return made


def sign_in(user: User) -> str:
    """The key of a session as a sign-in makes it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    assert session.session_key
    return session.session_key


def signed_in(user: User) -> Client:
    """A browser without script, with a session of its own; when the user came is not written."""
    made = client()
    made.cookies[settings.SESSION_COOKIE_NAME] = sign_in(user)
    return made


class Caller:
    """Sends JSON as one person or robot; without a token, as nobody."""

    def __init__(self, token: str = "") -> None:
        self._client = client()
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, None, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def ask(self, route: str, names: dict[str, Any], query: dict[str, str]) -> Any:
        """GET by the name of the address, with a query string."""
        address = reverse(f"api:{route}", kwargs=names)
        return self.get(f"{address[len('/api/v1/') :]}?{urlencode(query, errors='replace')}")

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Header names with underscores for dashes."""
        data = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = given.pop("Content-Type", JSON)
        response: Any = self._client.generic(
            method, f"/api/v1/{path}", data, content_type=kind, headers={**self._headers, **given}
        )
        return response


def code_of(response: Any) -> tuple[int, str]:
    """Status and code of a problem document."""
    assert response["Content-Type"] == "application/problem+json", response.content
    return response.status_code, response.json()["code"]
