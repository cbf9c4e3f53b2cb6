"""A foreign client: the package pyhelm of PyPI, with its own messages and its own gRPC, against our Tiller."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("grpc")

REPOSITORY = Path(__file__).resolve().parents[2]
HOME = REPOSITORY / ".cache" / "pyhelm"

#: What pyhelm is made to do; each line that it prints is looked at.
SCRIPT = """
import sys
import grpc
from hapi.chart.chart_pb2 import Chart
from hapi.chart.config_pb2 import Config
from hapi.chart.metadata_pb2 import Metadata
from hapi.chart.template_pb2 import Template
from pyhelm.tiller import Tiller

tiller = Tiller("127.0.0.1", int(sys.argv[1]))
template = (
    b"apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: {{ .Release.Name }}-cm}\\n"
    b"data: {a: {{ .Values.a | quote }}}\\n"
)
chart = Chart(
    metadata=Metadata(name="foreign", version="0.1.0"),
    templates=[Template(name="templates/cm.yaml", data=template)],
    values=Config(raw="a: one\\n"),
)
done = tiller.update_release(chart, "foreign", name="py", install=True)
print("installed", done.release.version, done.release.info.Description)
done = tiller.update_release(chart, "foreign", name="py", install=True, values={"a": "two"})
print("upgraded", done.release.version, done.release.config.raw.strip())
print("listed", [(one.name, one.version) for one in tiller.list_releases(namespace="foreign")])
print("status", tiller.get_release_status("py").info.status.resources.splitlines()[0])
print("content", tiller.get_release_content("py", version=1).release.manifest.splitlines()[-1])
tiller.uninstall_release("py")
try:
    tiller.get_release_status("py")
except grpc.RpcError as error:
    print("gone", error.details())
"""


@pytest.fixture(scope="session")
def pyhelm() -> Path:
    """The interpreter of an environment with pyhelm; made once, since its dependencies exclude ours."""
    python = HOME / "bin" / "python"
    if not list(HOME.glob("lib/python*/site-packages/pyhelm/tiller.py")):
        install = [str(python), "-m", "pip", "install", "-q"]
        for command in (
            [sys.executable, "-m", "venv", str(HOME)],
            [*install, "protobuf<3.21", "grpcio", "PyYAML", "requests", "gitpython", "supermutes", "boto3"],
            [*install, "--no-deps", "pyhelm==2.14.5"],  # it asks for grpcio-tools, which no such protobuf suits
        ):
            done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
            if done.returncode:
                pytest.skip(f"pyhelm cannot be installed: {done.stderr[-300:]}")
    return python


@pytest.fixture
def port(any_kubeconfig: Path, tmp_path: Path) -> Iterator[int]:
    """The port of a Tiller on loopback."""
    variables = {
        **os.environ,
        "KUBECONFIG": str(any_kubeconfig),
        "PYTHONPATH": str(REPOSITORY / "src"),
        "PILOTHOUSE_CACHE": str(tmp_path),
    }
    command = [sys.executable, "-m", "pilothouse.tiller.main", "--listen", "127.0.0.1:0", "--probe=false"]
    process = subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    lines = [process.stderr.readline() for _ in range(4)]
    try:
        yield int(lines[1].rpartition(":")[2])
    finally:
        process.terminate()
        process.communicate(timeout=180)


def test_pyhelm_installs_upgrades_lists_and_deletes(pyhelm: Path, port: int) -> None:
    """A client that is not ours does its work through our Tiller, as through the real one."""
    done = subprocess.run(
        [str(pyhelm), "-W", "ignore", "-c", SCRIPT, str(port)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "installed 1 Install complete",
        "upgraded 2 a: two",
        "listed [('py', 2)]",
        "status ==> v1/ConfigMap",
        'content data: {a: "one"}',
        'gone getting deployed release "py": release: "py" not found',
    ]
