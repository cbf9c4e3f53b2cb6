"""A real control plane on loopback for a test session: etcd, API server, controllers, and a player for the node."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def live_kubeconfig(realcluster: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of a running cluster; ``PILOTHOUSE_LIVE_CLUSTER`` names a folder where one runs already."""
    running = os.environ.get("PILOTHOUSE_LIVE_CLUSTER", "")
    if running:
        yield Path(running) / "kubeconfig"
        return
    folder = tmp_path_factory.mktemp("cluster")
    started = subprocess.run(
        [sys.executable, realcluster, "up", str(folder)], capture_output=True, text=True, timeout=180, check=False
    )
    if started.returncode:
        pytest.fail(f"the real cluster did not start: {started.stdout}{started.stderr}")
    (folder / "kubeconfig").chmod(0o600)
    node = subprocess.Popen([sys.executable, realcluster, "node", str(folder)], stderr=subprocess.DEVNULL)
    try:
        yield folder / "kubeconfig"
    finally:
        node.terminate()
        node.wait(timeout=10)
        subprocess.run([sys.executable, realcluster, "down", str(folder)], check=True, timeout=60)
