"""The program in the guide to the library does what the guide says."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

_shared = importlib.import_module("functional.side_by_side")
side, write_chart, OURS = _shared.side, _shared.write_chart, _shared.OURS

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "library.md"
FILES = {
    "values.yaml": "greeting: ''\nport: 80\n",
    "templates/config.yaml": """apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data: {greeting: {{ .Values.greeting }}}
""",
    "templates/service.yaml": """apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {ports: [{port: {{ .Values.port }}}]}
""",
    "templates/deployment.yaml": """apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  selector: {matchLabels: {app: demo}}
  template:
    metadata: {labels: {app: demo}}
    spec: {containers: [{name: main, image: demo}]}
""",
}


def _lines_of(program: str, chart: Path, one: Any) -> list[str]:
    """Run a program with a chart and a namespace, and return the lines that it printed; it says nothing of errors."""
    done = subprocess.run(
        [sys.executable, "-c", program, str(chart), one.namespace],
        env=one.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_program(sandbox_kubeconfig: Path, kubectl: str, tmp_path: Path) -> None:
    """It installs, waits with progress, undoes what fails, and removes everything."""
    one = side(OURS, sandbox_kubeconfig, tmp_path / "home", kubectl, word="libr")
    found = re.search(
        r"<!-- a test runs this program on the sandbox -->\n```python\n(.*?)```", GUIDE.read_text(), re.DOTALL
    )
    assert found is not None
    chart = write_chart(one.home, FILES)
    lines = _lines_of(found[1], chart, one)
    assert lines[0] == "demo is not there yet"
    assert "  Deployment/demo 0/1 InProgress" in lines
    assert "demo: revision 1 is deployed" in lines
    assert any(line.startswith("OperationFailed") for line in lines)
    assert [line for line in lines if re.match(r"\d ", line)] == [
        "1 superseded Install complete",
        next(line for line in lines if line.startswith('2 failed Upgrade "demo" failed: ')),
        "3 deployed Rollback to 1",
    ]
    assert lines[-1] == "[]"


LISTING = """import sys
from pilothouse import Chart, Releases

chart = Chart.load(sys.argv[1])
releases = Releases.from_kubeconfig(namespace=sys.argv[2])
for name in ("api", "web-a", "web-b"):
    releases.install(name, chart, values={"greeting": "hello"})
releases.uninstall("api", keep_history=True)
for chosen in (
    {"pattern": "^web-"},
    {"offset": 1, "maximum": 1, "states": ("deployed",)},
    {"states": ("uninstalled",)},
    {"selector": "name=web-b"},
):
    print(*(one.name for one in releases.list(**chosen)))
"""


def test_listing_chooses(sandbox_kubeconfig: Path, kubectl: str, tmp_path: Path) -> None:
    """A listing takes states, a pattern, a selector, a number to pass over and a most."""
    one = side(OURS, sandbox_kubeconfig, tmp_path / "home", kubectl, word="list")
    chart = write_chart(one.home, {"templates/config.yaml": FILES["templates/config.yaml"]})
    lines = _lines_of(LISTING, chart, one)
    assert lines == ["web-a web-b", "web-b", "api", "web-b"]


OPTIONS = """import sys
from pilothouse import Chart, Releases

chart = Chart.load(sys.argv[1])
releases = Releases.from_kubeconfig(namespace=sys.argv[2])
dry = releases.install("demo", chart, dry_run="server")
print(dry.info.description, len(releases.list()))
made = releases.install("demo", chart, labels={"team": "web"}, description="first", server_side=False)
print(made.labels["team"], made.info.description, made.apply_method)
print(*(one.name for one in releases.list(selector="team=web")))
for number in range(3):
    releases.upgrade("demo", chart, values={"greeting": f"hello {number}"}, history_max=2, reset_values=True)
print([one.revision for one in releases.history("demo")])
print(releases.rollback("demo", 3, description="back").info.description)
releases.uninstall("demo", keep_history=True, description="gone", cascade="foreground")
print(releases.get("demo").info.description)
again = releases.upgrade("demo", chart, install=True, history_max=5, no_hooks=True)
print(again.revision, again.info.status)
releases.uninstall("demo", no_hooks=True)
print(releases.uninstall("demo", ignore_not_found=True))
"""


def test_options_are_those_of_the_commands(sandbox_kubeconfig: Path, kubectl: str, tmp_path: Path) -> None:
    """What the commands take as flags, the methods take by name; a name that was kept is used again."""
    one = side(OURS, sandbox_kubeconfig, tmp_path / "home", kubectl, word="opti")
    chart = write_chart(one.home, {"templates/config.yaml": FILES["templates/config.yaml"]})
    lines = _lines_of(OPTIONS, chart, one)
    assert lines == [
        "Dry run complete 0",
        "web first csa",
        "demo",
        "[3, 4]",
        "back",
        "gone",
        "6 deployed",
        "None",
    ]
