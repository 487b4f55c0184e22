"""`python -m console.demo`: on ground of its own, then as any command of the project."""

import os
import sys

from console.demo import ground

if __name__ == "__main__":
    os.environ |= ground.enter(sys.argv[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

    from django.core.management import execute_from_command_line  # settings are read from here on

    execute_from_command_line([sys.argv[0], "demo", *sys.argv[1:]])
