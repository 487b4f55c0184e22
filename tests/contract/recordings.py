"""What the real server answered, word for word, kept beside the cases.

`WAYBILL_RECORD=1` writes down the answers of the real server; without it they are compared, on
both servers. What differs at each run (UIDs, versions, times, addresses, namespaces) is levelled.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

from tests.contract.actors import Answer

FOLDER = Path(__file__).parent / "recordings"
_LEVELLED = {
    "uid": "UID",
    "resourceVersion": "VERSION",
    "creationTimestamp": "TIME",
    "deletionTimestamp": "TIME",
    "time": "TIME",
    "clusterIP": "ADDRESS",
    "clusterIPs": "ADDRESSES",
}
_DIFFERENCE = re.compile(r"(\n@@[^\n]*(\n[-+ ][^\n]*)*)+\n?")


class Recording:
    """The answers of one test module, by case."""

    def __init__(self, module: str, server: str) -> None:
        self._path = FOLDER / f"{module}.json"
        self._records = server == "real" and os.environ.get("WAYBILL_RECORD") == "1"
        self._answers: dict[str, Any] = {}
        if self._path.exists():
            self._answers = json.loads(self._path.read_text())

    def check(self, case: str, answer: Answer, place: str) -> None:
        """The answer is the recorded one; recording, it becomes that."""
        told = {"status": answer.status, "body": levelled(answer.body, place)}
        if self._records:
            self._answers[case] = told
            FOLDER.mkdir(exist_ok=True)
            text = json.dumps(self._answers, indent=1, sort_keys=True, ensure_ascii=False)
            self._path.write_text(text + "\n")
        assert told == self._answers.get(case, "no recording; run with WAYBILL_RECORD=1")


def levelled(value: Any, place: str) -> Any:
    if isinstance(value, dict):
        return {
            key: _LEVELLED[key]
            if key in _LEVELLED and isinstance(part, str | list)
            else levelled(part, place)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [levelled(part, place) for part in value]
    if isinstance(value, str):
        # A difference that the server prints after its sentence is for people and for Go.
        told = _DIFFERENCE.sub("", value)
        return re.sub(rf"\b{re.escape(place)}\b", "PLACE", told)
    return value
