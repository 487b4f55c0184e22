"""One question to one cluster: a place in the window, a deadline, and an answer or its refusal."""

import time
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from inference.clusters.client import refusals
from inference.clusters.client.answers import Answer
from inference.clusters.client.limits import RequestWindow
from inference.clusters.client.refusals import Asked
from inference.clusters.client.transport import Transport

LARGEST_OBJECT = 3 * 1024 * 1024
LARGEST_LIST = 32 * 1024 * 1024
_JSON = {"Content-Type": "application/json"}
_NONE: Mapping[str, str] = MappingProxyType({})


class Caller:
    """Waiting for a place counts against the deadline, so that a write is over when it says."""

    def __init__(self, transport: Transport, window: RequestWindow) -> None:
        self.timeouts = transport.timeouts
        self._transport = transport
        self._window = window

    def call(
        self,
        method: str,
        path: str,
        asked: Asked,
        *,
        query: Mapping[str, str] = _NONE,
        headers: Mapping[str, str] = _NONE,
        body: bytes | dict[str, Any] | None = None,
        largest: int = LARGEST_OBJECT,
        deadline: float | None = None,
        absent_is_fine: bool = False,
    ) -> Answer:
        """The answer to what succeeded, or speaks of an absent object where that is fine.

        Raises ClusterUnavailable and ManifestRejected.
        """
        is_write = method != "GET"
        ends_at = time.monotonic() + (self.timeouts.write if is_write else self.timeouts.total)
        ends_at = ends_at if deadline is None else min(ends_at, deadline)
        with self._window.slot(ends_at):
            answer = self._transport.send(
                method,
                path,
                query=query,
                headers={**_JSON, **headers} if isinstance(body, dict) else headers,
                body=body,
                largest=largest,
                deadline=ends_at,
            )
            if not refusals.is_success(answer):
                self._check(answer, asked, absent_is_fine=absent_is_fine)
        return answer

    def _check(self, answer: Answer, asked: Asked, *, absent_is_fine: bool) -> None:
        refused = refusals.refusal(answer, replace(asked, secrets=self._transport.secrets))
        if refused and not (absent_is_fine and refusals.is_missing_object(answer, asked)):
            raise refused

    def close(self) -> None:
        self._transport.close()
