"""Fixtures that every test may use: where the shared reference data and the real programs are."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import postgresql_server

REPOSITORY = Path(__file__).resolve().parent.parent
# What a shell starts in the background ignores Ctrl-C, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def _program(variable: str, *relative: str) -> str:
    """Return the program that ``variable`` names or that ``scripts/oracles`` unpacked; skip the test without it."""
    chosen = os.environ.get(variable, "")
    candidates = [Path(chosen)] if chosen else []
    candidates += [REPOSITORY / ".cache" / "oracles" / name for name in relative]
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return str(candidate)
    pytest.skip(f"{variable} names no program; scripts/oracles fetches the real ones")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared reference data beside the repository."""
    folder = Path(os.environ.get("PILOTHOUSE_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "conformance").is_dir():
        pytest.skip("the shared reference data is not beside the repository")
    return folder


@pytest.fixture(scope="session")
def helm4() -> str:
    """The real Helm 4.3.1."""
    return _program("PILOTHOUSE_HELM4", "helm-4.3.1")


@pytest.fixture(scope="session")
def helm3() -> str:
    """The real Helm 3.16.4."""
    return _program("PILOTHOUSE_HELM3", "helm-3.16.4")


@pytest.fixture(scope="session")
def kubectl() -> str:
    """The real kubectl 1.37."""
    return _program("PILOTHOUSE_KUBECTL", "kubectl-1.37")


@pytest.fixture(scope="session")
def kubectl28() -> str:
    """The real kubectl 1.28."""
    return _program("PILOTHOUSE_KUBECTL28", "kubectl-1.28")


@pytest.fixture(scope="session")
def realcluster(shared: Path) -> str:
    """The program that runs a real control plane on loopback."""
    if shutil.which("etcd") is None:
        pytest.skip("etcd is not installed")
    return str(shared / "envtest" / "realcluster")


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
        node.wait(timeout=180)
        subprocess.run([sys.executable, realcluster, "down", str(folder)], check=True, timeout=180)


@pytest.fixture(scope="session")
def sandbox_kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of the embedded cluster, started for the session."""
    pytest.importorskip("uvicorn")
    home = tmp_path_factory.mktemp("sandbox")
    variables = {**os.environ, "PILOTHOUSE_SANDBOX_HOME": str(home), "PYTHONPATH": str(REPOSITORY / "src")}

    def sandbox(command: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "pilothouse.sandbox", command],
            env=variables,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        return "" if done.returncode == 0 else done.stdout + done.stderr

    problem = sandbox("start")
    if problem:
        pytest.fail(f"the sandbox did not start: {problem}")
    try:
        yield home / "kubeconfig"
    finally:
        sandbox("stop")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of the administrator of a PostgreSQL server, which is started for the session."""
    with postgresql_server.running() as url:
        yield url


@pytest.fixture(scope="session", params=[pytest.param("real", marks=pytest.mark.cluster), "sandbox"])
def any_kubeconfig(request: pytest.FixtureRequest) -> Path:
    """The kubeconfig of the real cluster, and then of the embedded one: both must behave alike."""
    fixture = "live_kubeconfig" if request.param == "real" else "sandbox_kubeconfig"
    found: Path = request.getfixturevalue(fixture)
    return found
