"""``python -m pilothouse`` is ``helm``."""

from __future__ import annotations

from pilothouse.cli.process import main

if __name__ == "__main__":
    main()
