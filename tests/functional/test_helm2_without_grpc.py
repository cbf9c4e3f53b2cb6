"""Helm 2's commands on charts need none of the packages for gRPC."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
#: Runs helm where neither package can be imported.
_PROGRAM = """\
import sys
sys.modules.update(dict.fromkeys(("grpc", "google", "google.protobuf")))
from pilothouse.cli.process import main
sys.exit(main())
"""


def helm(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in Helm 2's dialect."""
    variables = {
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(REPOSITORY / "src"),
        "HELM_COMPAT": "2",
    }
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM, *words],
        env=variables,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_charts_without_grpc(tmp_path: Path) -> None:
    """A chart is made, checked, rendered and packed; only a command on releases names the missing extra."""
    for words in (
        ("init", "--client-only", "--skip-repos"),
        ("create", "shop"),
        ("lint", "shop"),
        ("template", "shop"),
        ("inspect", "shop"),
        ("dependency", "list", "shop"),
        ("dependency", "update", "--skip-refresh", "shop"),
        ("package", "shop"),
        ("search", "shop"),
    ):
        done = helm(tmp_path, *words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
    refused = helm(tmp_path, "list", "--host", "127.0.0.1:1")
    assert refused.returncode == 1
    assert "pip install 'pilothouse[tiller]'" in refused.stderr
