"""`python -m console.cli` is `waybill`."""

import sys

from console.cli.command import main

sys.exit(main())
