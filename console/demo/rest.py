"""A small client of our own REST API, as a script of automation would write it."""

import json
import urllib.error
import urllib.request
from typing import Any

SECONDS = 30


class Refused(Exception):
    """The API said no. `problem` is the problem document."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        detail = problem.get("detail") or problem.get("title") or "no reason given"
        fields = problem.get("fields")
        super().__init__(f"{status} {detail}" + (f" {json.dumps(fields)}" if fields else ""))
        self.status = status
        self.problem = problem


class Rest:
    """One person's or robot's view of the API."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address
        self._token = token

    def get(self, path: str) -> Any:
        return self._call("GET", path)

    def post(self, path: str, body: Any = None, *, version: int | None = None) -> Any:
        return self._call("POST", path, {} if body is None else body, version)

    def _call(self, method: str, path: str, body: Any = None, version: int | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        request = urllib.request.Request(  # noqa: S310  (the address is our own, on loopback)
            f"{self._address}/api/v1{path}", data=data, method=method, headers=headers
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise Refused(error.code, _problem(error.read())) from None


def _problem(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {"detail": body[:200].decode(errors="replace")}
    return found if isinstance(found, dict) else {"detail": str(found)}
