"""A topic of the tests' own, whose handler does what a test tells it to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from inference.outbox import Later, handler, running
from tests.databases import on_file

TOPIC = "tests.echo"


@dataclass
class Echo:
    """What was asked of the handler, and what it answers."""

    asked: list[str] = field(default_factory=list)
    answer: Callable[[str], Later | None] = lambda _key: None

    def __call__(self, key: str) -> Later | None:
        self.asked.append(key)
        return self.answer(key)


@pytest.fixture
def threaded(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database that threads may use at once."""
    with on_file(tmp_path):
        yield


@pytest.fixture
def echo() -> Iterator[Echo]:
    made = Echo()
    handler(TOPIC)(made)
    yield made
    del running._handlers[TOPIC]
