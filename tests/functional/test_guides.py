"""The commands in the guides work as they stand there, on the sandbox and against real servers on loopback."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

pytest.importorskip("uvicorn")

from functional.registry_server import registry

REPOSITORY = Path(__file__).resolve().parents[2]
GUIDES = REPOSITORY / "docs" / "guides"
_HELM = f'#!/bin/sh\nexec "{sys.executable}" -m pilothouse "$@"\n'


def commands(guide: str) -> str:
    """Return the indented blocks of a guide as one script."""
    lines = (GUIDES / guide).read_text().splitlines()
    return textwrap.dedent("\n".join(line for line in lines if line.startswith("    ") or not line)) + "\n"


def follow(script: str, folder: Path, variables: Mapping[str, str] | None = None) -> str:
    """Run a script in an empty folder, with a home and a sandbox of its own, and return what it printed."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    (programs / "helm").write_text(_HELM)
    (programs / "helm").chmod(0o755)
    work = folder / "work"
    work.mkdir()
    environment = {
        "HOME": str(folder / "home"),
        "LANG": "C.UTF-8",
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PILOTHOUSE_SANDBOX_HOME": str(folder / "sandbox"),
        "PYTHONPATH": str(REPOSITORY / "src"),
        **(variables or {}),
    }
    with subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=work,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=300)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, output
    return output


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.mark.parametrize("guide", ["first-chart.md", "releases.md"])
def test_the_cluster_guides(guide: str, tmp_path: Path) -> None:
    """A chart's whole life, and what can be done with a release."""
    script = commands(guide)
    output = follow(f"trap 'helm sandbox stop' EXIT\n{script}", tmp_path)
    assert 'release "demo" uninstalled' in output
    if guide == "releases.md":
        assert "cannot be pulled" in output


def test_publishing(tmp_path: Path) -> None:
    """Signed with GnuPG, served by a web server, pushed to a registry, and installed from both."""
    if shutil.which("gpg") is None:
        pytest.skip("GnuPG is not installed")
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    with registry(tmp_path / "registry") as server:
        script = commands("publishing.md").replace("8879", str(_free_port()))
        lines = [f"{line} --plain-http" if "oci://" in line else line for line in script.splitlines()]
        script = "\n".join(lines).replace("registry.example.com", server.host)
        # The web server of the guide needs a moment, and ends with the guide.
        script = script.replace(" --directory repository &", " --directory repository >/dev/null 2>&1 & sleep 1")
        leave = "trap 'kill $(jobs -p); gpgconf --kill all; helm sandbox stop' EXIT"
        output = follow(f"{leave}\n{script}", tmp_path / "reader", {"GNUPGHOME": str(keys)})
    assert "Chart Hash Verified" in output
    assert "Pushed: " in output
    assert "shop\t~0.1.0" in output


def test_plugins(tmp_path: Path) -> None:
    """A command and a post-renderer are written, used, signed and installed from an archive."""
    if shutil.which("gpg") is None:
        pytest.skip("GnuPG is not installed")
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    script = f"trap 'gpgconf --kill all' EXIT\n{commands('plugins.md')}"
    output = follow(script, tmp_path / "reader", {"GNUPGHOME": str(keys)})
    assert "Hello world, from web\n" in output
    assert "name: stamped-shop\n" in output
    assert "Plugin Hash Verified" in output


def test_coming_from_helm(tmp_path: Path) -> None:
    """Both dialects render and say which one they are."""
    output = follow(commands("coming-from-helm.md"), tmp_path)
    assert "v4.3.1" in output
    assert "v3.16.4" in output
