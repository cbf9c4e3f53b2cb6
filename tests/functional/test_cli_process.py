"""The command as a process: what it imports, how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"

#: Modules that cost milliseconds and have no place on the common paths.
EXPENSIVE = frozenset(
    {
        "argparse",
        "asyncio",
        "concurrent.futures",
        "cryptography",
        "dataclasses",
        "http.client",
        "importlib.metadata",
        "inspect",
        "logging",
        "pathlib",
        "rich",
        "ssl",
        "subprocess",
        "tempfile",
        "typing",
        "urllib3",
        "yaml",
    }
)
#: What root help and 'helm version' may load of Pilothouse.
LIGHT = ("pilothouse.cli", "pilothouse.commandline")
ALONE = frozenset(
    {
        "pilothouse",
        "pilothouse.clock",
        "pilothouse.environment",
        "pilothouse.errors",
        "pilothouse.golang",
        "pilothouse.golang.quoting",
        "pilothouse.progress",
        "pilothouse.records",
        "pilothouse.version",
    }
)


def variables(home: Path, **more: str) -> dict[str, str]:
    """Return the variables of a process that finds our code."""
    return {"HOME": str(home), "PATH": os.defpath, "PYTHONPATH": str(SOURCE), **more}


def modules_of(home: Path, words: list[str]) -> set[str]:
    """Return the modules that a run of the command loads, beyond those of a bare interpreter."""
    script = (
        "import sys\nbare = set(sys.modules)\n"
        "from pilothouse.cli.main import Environment, Streams, run\n"
        f"code = run({words!r}, Streams.of_process(), Environment.of_process())\n"
        "sys.stderr.write('\\nMODULES ' + ' '.join(set(sys.modules) - bare))\nsys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(SOURCE)!r})\n{script}"],
        env=variables(home),
        capture_output=True,
        text=True,
        check=False,
    )
    return set(done.stderr.rpartition("\nMODULES ")[2].split())


@pytest.mark.parametrize("line", ["version", "version --short", "--help", "help", "__complete in"])
def test_what_needs_no_chart_loads_no_engine(tmp_path: Path, line: str) -> None:
    """Version, root help and completion of commands import the command line and nothing else."""
    loaded = modules_of(tmp_path, line.split())
    assert "pilothouse.cli.main" in loaded
    heavy = {name for name in loaded if name.startswith("pilothouse") and name not in ALONE}
    assert not {name for name in heavy if not name.startswith(LIGHT)}
    assert not loaded & EXPENSIVE
    assert not loaded & {"re", "json", "functools", "collections"}


@pytest.mark.parametrize("line", ["install --help", "env", "upgrade --help", "lint --help", "list --help"])
def test_help_of_a_command_loads_no_engine(tmp_path: Path, line: str) -> None:
    """The flags of a command are declared without importing what it does."""
    loaded = modules_of(tmp_path, line.split())
    packages = {name.split(".")[1] for name in loaded if name.startswith("pilothouse.")}
    assert packages <= {"cli", "commandline", "golang", *(name.split(".")[1] for name in ALONE if "." in name)}
    assert not loaded & EXPENSIVE


def test_rendering_stays_clear_of_expensive_modules(tmp_path: Path) -> None:
    """'helm template' of an ordinary chart loads none of the modules that cost milliseconds."""
    chart = tmp_path / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: chart\nversion: 0.1.0\n")
    (chart / "values.yaml").write_text("replicas: 2\nnames: [a, b]\n")
    (chart / "templates" / "a.yaml").write_text("kind: ConfigMap\ndata:\n  a: {{ .Values.names | toYaml | quote }}\n")
    assert not modules_of(tmp_path, ["template", str(chart)]) & EXPENSIVE


def test_the_package_runs_as_a_module(tmp_path: Path) -> None:
    """'python -m pilothouse' is helm."""
    done = subprocess.run(
        [sys.executable, "-m", "pilothouse", "version", "--short"],
        env=variables(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "v4.3.1+gc0d08d0\n"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    """Nothing is printed to standard error, and the exit code is that of a broken pipe."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(0.3)\nfrom pilothouse.cli.process import main; main()"],
        env=variables(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), errors) == (141, b"")


def test_an_interrupt_ends_the_command_quietly(tmp_path: Path) -> None:
    """Ctrl-C while standard input is read prints no traceback."""
    chart = tmp_path / "chart"
    chart.mkdir()
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: chart\nversion: 0.1.0\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "pilothouse", "template", str(chart), "-f", "-"],
        env=variables(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.5)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    assert process.stdin is not None
    process.stdin.close()
    assert (process.wait(), errors) == (130, b"")


_INTERRUPTED_IMPORT = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "pilothouse.cli.main":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from pilothouse.cli.process import main
main()
"""


def test_an_interrupt_before_the_command_runs(tmp_path: Path) -> None:
    """Ctrl-C while modules are imported ends the process as it ends programs that do not look at it."""
    done = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED_IMPORT, "version"],
        env=variables(tmp_path),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


def _shell(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script in which ``$helm`` is the command."""
    done = variables(folder, helm=f"{sys.executable} -m pilothouse")
    return subprocess.run(["sh", "-c", script], cwd=folder, env=done, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("script", "errors"),
    [
        ("$helm version >&-", ""),
        ("$helm nosuch >&-", 'Error: unknown command "nosuch" for "helm"\nRun \'helm --help\' for usage.\n'),
        ("$helm nosuch >&- 2>&-", ""),
        ("$helm version > /dev/full", "Error: no space left on device\n"),
        ("$helm nosuch 2> /dev/full", ""),
    ],
)
def test_streams_that_take_nothing(tmp_path: Path, script: str, errors: str) -> None:
    """Closed and full standard streams change no more than what is seen."""
    done = _shell(tmp_path, script)
    assert (done.returncode, done.stdout, done.stderr) == (0 if script == "$helm version >&-" else 1, "", errors)


def test_a_working_directory_that_was_removed(tmp_path: Path) -> None:
    """What needs none works, and what needs one says so, as with Helm."""
    (tmp_path / "chart").mkdir()
    (tmp_path / "chart" / "Chart.yaml").write_text("apiVersion: v2\nname: chart\nversion: 0.1.0\n")
    done = _shell(tmp_path, "mkdir gone; cd gone; rmdir ../gone; $helm version --short && $helm template ../chart")
    assert (done.returncode, done.stdout) == (1, "v4.3.1+gc0d08d0\n")
    assert done.stderr == "Error: getwd: no such file or directory\n"


def test_a_proxy_for_which_a_package_is_missing(tmp_path: Path) -> None:
    """Only the extra is named; the warning of urllib3 would be in its way."""
    script = "import sys; sys.modules['socks'] = None\nfrom pilothouse.cli.process import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "pull", "x", "--repo", "https://charts.example"],
        env=variables(tmp_path, HTTPS_PROXY="socks5://127.0.0.1:1"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[1:] == ["hint: pip install 'pilothouse[socks]' adds it"]


def test_text_is_utf_8_whatever_the_locale(tmp_path: Path) -> None:
    """Names beyond ASCII come out as they went in."""
    done = subprocess.run(
        [sys.executable, "-m", "pilothouse", "env", "--kube-context", "höhe", "HELM_KUBECONTEXT"],
        env=variables(tmp_path, LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0"),
        capture_output=True,
        check=True,
    )
    assert done.stdout == "höhe\n".encode()


def test_tiller_is_not_open_to_everybody(tmp_path: Path) -> None:
    """Without TLS the server does not listen on all addresses, and says how it would."""
    done = subprocess.run(
        [sys.executable, "-m", "pilothouse.tiller.main"],
        env=variables(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "refusing plain TCP on :44134" in done.stderr
    assert "--tls-verify" in done.stderr
