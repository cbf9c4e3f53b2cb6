"""The command ``tiller``: the server that Helm 2 clients talk to."""

from __future__ import annotations

import sys


def main() -> int:
    """Say what is missing; the server is not part of this version."""
    sys.stderr.write(
        "Error: this version of Pilothouse has no Tiller server yet: the Helm 2 wire protocol and its release store "
        "are missing\nhint: use 'helm' directly; it needs no server in the cluster\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
