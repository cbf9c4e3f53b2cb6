"""The generated page about the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_reference_is_up_to_date() -> None:
    """docs/reference/cli.md says what the commands say of themselves."""
    script = REPOSITORY / "scripts" / "generate-cli-reference"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
