"""The furnished world has numbers of its engines and pickers, and they can be asked for again."""

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from console.cli.rest import Rest
from inference.health.signals import SIGNALS
from tests.demo import Demo

pytestmark = pytest.mark.real

PATIENCE = 120


def newest(author: Rest, subject: str) -> list[dict[str, Any]]:
    page = author.get("/readings/", {"subject": subject, "limit": "100"})
    rows = [one for one in page["items"] if one["source"] == "prometheus"]
    return [one for one in rows if one["at"] == rows[0]["at"] and not one["replica"]]


def again(url: str, one: dict[str, Any]) -> list[float]:
    at = datetime.fromisoformat(one["at"]).timestamp()
    asked = urlencode({"query": one["query"], "time": f"{at:.0f}"})
    with urlopen(f"{url}/api/v1/query?{asked}", timeout=20) as answer:  # noqa: S310  (loopback)
        return [float(row["value"][1]) for row in json.load(answer)["data"]["result"]]


def test_each_number_of_a_route_is_known_and_given_again(furnished: Path) -> None:
    demo = Demo(furnished)
    author = Rest(demo.address, demo.token("author"))
    route = author.get("/routes/chat/chat-east/")
    url = author.get("/clusters/east/")["metrics_source"]["url"]

    deadline = time.monotonic() + PATIENCE
    while True:
        found = newest(author, route["id"])
        lacking = set(SIGNALS) - {one["signal"] for one in found if one["value"] is not None}
        if not lacking:
            break
        assert time.monotonic() < deadline, lacking
        time.sleep(1)

    assert [again(url, one) for one in found] == [
        [pytest.approx(one["value"], rel=1e-12)] for one in found
    ]
