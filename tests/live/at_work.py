"""`python -m tests.live.at_work`: all processes of a console in one, but for the observer."""

import os
import socket
import threading

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")


def main() -> None:
    """Print the address once it answers; ends with a signal."""
    django.setup()

    from console.demo.embedded import running  # noqa: PLC0415  (tables need Django set up)

    with running(socket.create_server(("127.0.0.1", 0)), is_observing=False) as address:
        print(address, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
