"""One furnished demo for all who look at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import demo


@pytest.fixture(scope="package")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder beside which a demo runs as `make demo` runs it, ten times faster."""
    with demo.running(tmp_path_factory.mktemp("tutorial")) as made:
        yield made.folder
