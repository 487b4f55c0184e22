"""How the command says no: one sentence on standard error, and an exit status for scripts."""

import json
from collections.abc import Iterator
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """The exit statuses; `waybill --help` lists them."""

    DONE = 0
    DIFFERENT = 1
    USAGE = 2
    NOT_SIGNED_IN = 3
    NOT_YOURS = 4
    MOVED_ON = 5
    INVALID = 6
    NO_ANSWER = 7
    ENDED_OTHERWISE = 8


MEANINGS = {
    Exit.DONE: "done",
    Exit.DIFFERENT: "`diff` found differences",
    Exit.USAGE: "the command line, or a file that it names, cannot be taken",
    Exit.NOT_SIGNED_IN: "no token, or one that is not valid (401)",
    Exit.NOT_YOURS: "not allowed, or not there for you (403, 404)",
    Exit.MOVED_ON: "the world has moved on since you looked (409, 412)",
    Exit.INVALID: "what was sent cannot be taken (400, 413, 422)",
    Exit.NO_ANSWER: "no answer, or ask again later (429, 5xx)",
    Exit.ENDED_OTHERWISE: "`wait`: the change ended otherwise, or time ran out",
}
_OF_STATUS = {
    401: Exit.NOT_SIGNED_IN,
    403: Exit.NOT_YOURS,
    404: Exit.NOT_YOURS,
    409: Exit.MOVED_ON,
    412: Exit.MOVED_ON,
    429: Exit.NO_ANSWER,
}
_ADVICE = {
    401: "Put a valid token into WAYBILL_TOKEN; `waybill token issue` makes one.",
    412: "Run the command again to act on what is there now.",
    429: "Wait, then run the command again.",
}
SERVER_FAULTS = 500


class Failure(Exception):
    """The command ends here, with this sentence and this status."""

    def __init__(self, sentence: str, status: Exit = Exit.USAGE) -> None:
        super().__init__(sentence)
        self.status = status

    def lines(self) -> Iterator[str]:
        yield str(self)

    def as_json(self) -> str:
        return json.dumps({"detail": str(self), "exit": int(self.status)})


class Refused(Failure):
    """The API said no. `problem` is the problem document."""

    def __init__(self, code: int, problem: dict[str, Any]) -> None:
        detail = str(problem.get("detail") or problem.get("title") or f"HTTP {code}")
        super().__init__(detail, _status_of(code))
        self.code = code
        self.problem = problem

    def lines(self) -> Iterator[str]:
        """The sentence, each field with its own, and what to do where that is not said yet."""
        yield str(self)
        for path, faults in (self.problem.get("fields") or {}).items():
            for fault in faults:
                yield f"  {path or 'as a whole'}: {fault['detail']}"
        if self.code in _ADVICE:
            yield f"  {_ADVICE[self.code]}"
        if self.code >= SERVER_FAULTS and self.problem.get("request_id"):
            yield f"  Tell your platform team the request id {self.problem['request_id']}."

    def as_json(self) -> str:
        return json.dumps(self.problem)


def _status_of(code: int) -> Exit:
    if code >= SERVER_FAULTS:
        return Exit.NO_ANSWER
    return _OF_STATUS.get(code, Exit.INVALID)
