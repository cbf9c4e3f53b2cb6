"""Kubeconfigs with faults, and with permissions that are too wide, beside both real Helms."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.oracle

REPOSITORY = Path(__file__).resolve().parents[2]
_FILE = """\
apiVersion: v1
kind: Config
clusters:
- name: c
  cluster: {{{cluster}}}
users:
- name: u
  user: {{{user}}}
contexts:
- name: x
  context: {{cluster: c, user: u}}
current-context: {context}
"""
_SERVER = 'server: "https://127.0.0.1:9"'
_PLUGIN = "exec: {apiVersion: client.authentication.k8s.io/%s, command: 'false'}"
_CASES = {
    "authority that is no base64": (f'{_SERVER}, certificate-authority-data: "a!b"', "", "x"),
    "key that is no base64": (_SERVER, 'client-certificate-data: "aGk=", client-key-data: "aGk"', "x"),
    "authority without verification": (
        f'{_SERVER}, certificate-authority-data: "aGk=", insecure-skip-tls-verify: true',
        "",
        "x",
    ),
    "plugin of an unknown version": (_SERVER, _PLUGIN % "v9", "x"),
    "plugin of v1 without a mode": (_SERVER, _PLUGIN % "v1", "x"),
    "plugin of v1beta1 without a mode": (_SERVER, _PLUGIN % "v1beta1", "x"),
    "server that is no URL": ('server: "::bad"', "", "x"),
    "context that is a list": (_SERVER, "", "[x]"),
}


def _run(command: list[str], home: Path, kubeconfig: Path, compatibility: str) -> tuple[int, str, list[str]]:
    variables = {
        "HOME": str(home),
        "HELM_COMPAT": compatibility,
        "KUBECONFIG": str(kubeconfig),
        "PATH": os.defpath,
        "PYTHONPATH": str(REPOSITORY / "src"),
    }
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=180, check=False)
    return done.returncode, done.stdout, [line for line in done.stderr.splitlines() if not line.startswith("hint: ")]


@pytest.fixture(params=["4", "3"])
def both(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A real Helm, and its generation."""
    return str(request.getfixturevalue(f"helm{request.param}")), request.param


@pytest.mark.parametrize("case", sorted(_CASES))
def test_faults_are_told_as_helm_tells_them(both: tuple[str, str], tmp_path: Path, case: str) -> None:
    """Whether they are found when the file is read or when its parts are used."""
    cluster, user, context = _CASES[case]
    path = tmp_path / "kubeconfig"
    path.write_text(_FILE.format(cluster=cluster, user=user, context=context))
    path.chmod(0o600)
    helm, compatibility = both
    real = _run([helm, "list"], tmp_path, path, compatibility)
    assert real[0] == 1
    assert _run([sys.executable, "-m", "pilothouse", "list"], tmp_path, path, compatibility) == real


def test_a_folder_is_no_kubeconfig(both: tuple[str, str], tmp_path: Path) -> None:
    """It can be opened and not be read."""
    tmp_path.chmod(0o700)
    helm, compatibility = both
    real = _run([helm, "list"], tmp_path, tmp_path, compatibility)
    assert "is a directory" in real[2][-1]
    assert _run([sys.executable, "-m", "pilothouse", "list"], tmp_path, tmp_path, compatibility) == real


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o604, 0o644, 0o755])
def test_helm_3_warns_of_readers(both: tuple[str, str], tmp_path: Path, mode: int) -> None:
    """Each kind of them, whatever the command; Helm 4 does not."""
    path = tmp_path / "kubeconfig"
    path.write_text(_FILE.format(cluster=_SERVER, user="", context="x"))
    path.chmod(mode)
    helm, compatibility = both
    real = _run([helm, "version"], tmp_path, path, compatibility)
    assert len(real[2]) == (0 if compatibility == "4" else bool(mode & 0o040) + bool(mode & 0o004))
    assert _run([sys.executable, "-m", "pilothouse", "version"], tmp_path, path, compatibility) == real
