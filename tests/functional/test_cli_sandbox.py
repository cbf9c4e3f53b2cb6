"""A release's whole life through the command, on the embedded cluster, watched by the real Helm."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with a chart in it."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def helm(place: Path) -> Iterator[Run]:
    """Our command in processes of their own, on a sandbox that is stopped at the end."""
    variables = {
        "HOME": str(place),
        "PATH": os.defpath,
        "PYTHONPATH": str(SOURCE),
        "PILOTHOUSE_SANDBOX_HOME": str(place / "sandbox"),
    }

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pilothouse", *words],
            cwd=place,
            env={**variables, **more},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert run("create", "demo").returncode == 0
    yield run
    run("sandbox", "stop")


@pytest.fixture(scope="module")
def theirs(helm: Run, helm4: str, place: Path) -> Run:
    """The real Helm on the same sandbox."""
    kubeconfig = helm("sandbox", "start").stdout.strip()

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        variables = {"HOME": str(place), "PATH": os.defpath, "KUBECONFIG": kubeconfig}
        return subprocess.run([helm4, *words], env=variables, capture_output=True, text=True, timeout=180, check=False)

    return run


@pytest.mark.slow
def test_the_sandbox_starts_by_itself_and_keeps_a_release(helm: Run) -> None:
    """--sandbox on any command starts the cluster; install, upgrade, test, rollback and uninstall work on it."""
    installed = helm("install", "demo", "./demo", "--sandbox", "--wait", "--timeout", "60s")
    assert (installed.returncode, installed.stderr) == (0, "")
    assert installed.stdout.startswith("NAME: demo\nLAST DEPLOYED: ")
    assert "STATUS: deployed\nREVISION: 1\nDESCRIPTION: Install complete\n" in installed.stdout
    again = helm("install", "demo", "./demo", HELM_SANDBOX="1")
    assert again.returncode == 1
    assert "Error: INSTALLATION FAILED: release name check failed: cannot reuse a name that is still" in again.stderr
    upgraded = helm("upgrade", "demo", "./demo", "--sandbox", "--set", "replicaCount=2")
    assert upgraded.stdout.startswith('Release "demo" has been upgraded. Happy Helming!\nNAME: demo\n')
    assert helm("upgrade", "-i", "other", "./demo", "--sandbox").stdout.startswith(
        'Release "other" does not exist. Installing it now.\nNAME: other\n'
    )
    tested = helm("test", "demo", "--sandbox", "--logs")
    assert "Phase:          Succeeded\n" in tested.stdout
    assert "POD LOGS: demo-test-connection (wget)\n" in tested.stdout
    rolled_back = helm("rollback", "demo", "1", "--sandbox")
    assert rolled_back.stdout == "Rollback was a success! Happy Helming!\n"
    assert helm("uninstall", "other", "--sandbox").stdout == 'release "other" uninstalled\n'


@pytest.mark.slow
@pytest.mark.oracle
@pytest.mark.parametrize(
    "line",
    [
        "list",
        "list -o json",
        "list -A -o yaml",
        "list --selector name=demo",
        "list -l owner=nobody",
        "history demo",
        "history demo -o json",
        "get all demo",
        "get values demo --all",
        "get hooks demo",
        "get manifest demo --revision 2",
        "get notes demo",
        "uninstall nope",
        "status nope",
        "test nope",
        "history nope",
        "uninstall demo --dry-run",
        "get values demo --revision 77",
        "template ./demo --dry-run=server",
    ],
)
def test_the_real_helm_sees_the_same(helm: Run, theirs: Run, place: Path, line: str) -> None:
    """What our command stored is read and shown by Helm 4.3 as by ours."""
    words = line.replace("./demo", str(place / "demo")).split(" ")
    got, expected = helm(*words, "--sandbox"), theirs(*words)
    assert (got.returncode, got.stdout, got.stderr) == (expected.returncode, expected.stdout, expected.stderr)


@pytest.mark.slow
def test_a_name_in_history_is_installed_again(helm: Run) -> None:
    """'upgrade --install' takes up the name of a release that was uninstalled with its history kept."""
    assert helm("uninstall", "demo", "--keep-history", "--sandbox").returncode == 0
    again = helm("upgrade", "--install", "demo", "./demo", "--sandbox")
    assert again.stdout.startswith('Release "demo" does not exist. Installing it now.\n')
    assert "STATUS: deployed\nREVISION: 4\n" in again.stdout
