"""``python -m pilothouse`` is ``helm``."""

from __future__ import annotations

import sys

from pilothouse.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
