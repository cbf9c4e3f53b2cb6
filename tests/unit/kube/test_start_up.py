"""What every command that talks to a cluster pays for at its start."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    *("argparse", "asyncio", "calendar", "concurrent.futures", "contextlib", "cryptography", "dataclasses", "datetime"),
    *("email", "hashlib", "http", "inspect", "logging", "pathlib", "subprocess", "tempfile", "threading", "typing"),
    *("urllib", "urllib3", "yaml"),
)
PROGRAM = """
import sys
import pilothouse.kube.client, pilothouse.kube.config, pilothouse.kube.listing, pilothouse.transport.tls
import pilothouse.releases.history, pilothouse.storage.opening, pilothouse.storage.secrets
print(*[name for name in sys.argv[1:] if name in sys.modules])
"""


def test_imports() -> None:
    """Reading releases from a cluster imports none of the modules that would make it slower than Go's Helm."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{PROGRAM}", *HEAVY],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []
