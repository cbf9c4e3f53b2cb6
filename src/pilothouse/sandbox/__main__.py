"""``python -m pilothouse.sandbox``."""

from __future__ import annotations

import sys

from pilothouse.environment import Environment
from pilothouse.sandbox.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Environment.of_process()))
