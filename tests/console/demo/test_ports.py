"""Where the demo listens."""

import socket

import pytest
from django.core.management.base import CommandError

from console.management.commands.demo import serving


def test_a_port_that_is_taken_is_said_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CommandError, match=f"Port {port} cannot be had .*PORT=8001"):
            serving(port).__enter__()
