"""Commands that read releases: ours beside the real program's, both on the memory driver with the same records."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pilothouse.actions.context import Context
from pilothouse.cli.main import run
from pilothouse.cli.session import Session
from pilothouse.clock import Clock
from pilothouse.commandline.runner import Outcome, run_in_process
from pilothouse.environment import Environment
from pilothouse.storage.memory import MemoryStore, read_data_files

RECORDS = """
- name: aeneas
  namespace: default
  version: 1
  info:
    first_deployed: "1977-09-02T22:04:05Z"
    last_deployed: "1977-09-02T22:04:05Z"
    description: Initial install
    status: superseded
    notes: "  Some notes \\n"
  chart:
    metadata:
      name: foo
      version: 0.1.0-beta.1
      appVersion: "1.0"
      apiVersion: v2
      annotations: {category: web-apps, supported: "true"}
      dependencies:
      - {name: cool-plugin, version: 1.0.0, repository: "https://example.com/charts", condition: a.b, enabled: true}
      - {name: crds, version: 2.7.1, repository: "", condition: crds.enabled}
    templates: [{name: templates/foo.tpl, data: YXBpVmVyc2lvbjogdjEK}]
    values: {a: 1, b: {c: d}}
  config: {name: value, count: 12}
  manifest: "apiVersion: v1\\nkind: Secret\\nmetadata:\\n  name: fixture\\n"
  hooks:
  - name: pre-install-hook
    kind: Job
    path: pre-install-hook.yaml
    manifest: "apiVersion: v1\\nkind: Job\\n"
    events: [pre-install]
    last_run: {phase: ""}
- name: aeneas
  namespace: default
  version: 2
  info:
    first_deployed: "1977-09-02T22:04:05Z"
    last_deployed: "2020-02-12T03:04:05.123456+02:00"
    description: Upgrade complete
    status: deployed
    notes: "  Some notes \\n"
  chart:
    metadata: {name: foo, version: 0.1.0-beta.1, appVersion: "1.0", apiVersion: v2, annotations: {supported: "true"}}
    templates: [{name: templates/foo.tpl, data: YXBpVmVyc2lvbjogdjEK}]
    values: {a: 1, b: {c: d}}
  config: {name: value, count: 12, text: "<&>"}
  manifest: "---\\n# Source: x\\napiVersion: v1\\nkind: Secret\\nmetadata:\\n  name: fixture\\n"
  hooks:
  - name: t1
    kind: Pod
    path: tests/t1.yaml
    manifest: "apiVersion: v1\\nkind: Pod\\n"
    events: [test]
    last_run: {started_at: "2020-02-12T03:04:05Z", completed_at: "2020-02-12T03:04:09.5Z", phase: Succeeded}
- name: bravo
  namespace: default
  version: 3
  info: {last_deployed: "2021-01-02T03:04:05.000000009Z", status: failed, description: "boom\\nline two"}
  chart: {metadata: {name: bar, version: 1.0.0}}
- name: milano
  namespace: milano
  version: 1
  info: {last_deployed: "2021-01-02T03:04:05Z", status: pending-install, description: "x"}
  chart: {metadata: {name: bar, version: 1.0.0, appVersion: "a<b"}}
- name: norec
  namespace: default
  version: 1
  apply_method: ssa
  info: {status: uninstalled, description: "Uninstallation complete", rollback_revision: 4}
  chart: {metadata: {name: bar, version: 1.0.0}}
"""

LINES = (
    "list",
    "ls -q",
    "list --short -o json",
    "list --short -o yaml",
    "list -o json",
    "list -o yaml",
    "list --no-headers",
    "list --no-headers --filter zzz",
    "list --filter zzz",
    "list --filter zzz -o json",
    "list --filter (",
    "list -d",
    "list -d -r",
    "list -r",
    "list --max 1",
    "list --max 1 --offset 1",
    "list --offset 9",
    "list --deployed",
    "list --failed --uninstalled",
    "list --pending",
    "list --superseded",
    "list -n milano",
    "list -n nowhere",
    "list --color always",
    "list --colour always -n milano",
    "list --color never",
    "list --time-format 2006-01-02T15:04:05Z07:00",
    "list --time-format Mon_Jan_2_3:04PM_MST -o json",
    "history aeneas",
    "hist aeneas --max 1",
    "history aeneas --max 0",
    "history aeneas -o json",
    "history aeneas -o yaml",
    "history norec",
    "history norec --show-rollback-revision",
    "history norec -o json",
    "history bravo",
    "history nope",
    "history Bad_Name",
    "status aeneas",
    "status aeneas --revision 1",
    "status aeneas --revision 9",
    "status aeneas -o json",
    "status aeneas -o yaml",
    "status bravo",
    "status norec",
    "status nope",
    "status Bad_Name",
    "status aeneas --color always",
    "status milano -n milano --color always",
    "get all aeneas",
    "get all aeneas --revision 1",
    "get all norec",
    "get all aeneas --template {{.Release.Chart.Metadata.Version}}",
    "get all aeneas --template {{.Release.Info.LastDeployed}}",
    "get all aeneas --template {{.Release.Name}}-{{.Release.Version}}-{{.Release.Info.Status}}",
    "get all aeneas --template {{.Release.Config.name}}-{{range.Release.Hooks}}{{.Name}}{{end}}",
    "get all aeneas --template {{.Release.Nope}}",
    "get hooks aeneas",
    "get hooks bravo",
    "get manifest aeneas",
    "get manifest bravo",
    "get notes aeneas",
    "get notes bravo",
    "get metadata aeneas",
    "get metadata aeneas --revision 1",
    "get metadata aeneas --revision 1 -o json",
    "get metadata aeneas --revision 1 -o yaml",
    "get metadata norec",
    "get metadata norec -o json",
    "get values aeneas",
    "get values aeneas -o json",
    "get values aeneas -o yaml",
    "get values aeneas -a",
    "get values aeneas --all -o json",
    "get values bravo",
    "get values bravo -o json",
    "get values bravo -o yaml",
    "get values nope",
    "get values aeneas --revision 7",
)


class SilentCluster:
    """A cluster that answers and holds nothing, like the one that Helm uses with the memory driver."""

    def server_version(self) -> dict[str, str]:
        """Return some version."""
        return {"major": "1", "minor": "37", "gitVersion": "v1.37.0"}

    def mapping(self, _api_version: str, _kind: str) -> object:
        """Return something."""
        return object()

    def list(self, *_arguments: object, **_more: object) -> list[object]:
        """Return nothing."""
        return []


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of release records."""
    path = tmp_path_factory.mktemp("records") / "records.yaml"
    path.write_text(RECORDS)
    return path


@pytest.fixture
def variables(tmp_path: Path, records: Path) -> dict[str, str]:
    """The variables of a user who keeps releases in memory."""
    return {
        "HOME": str(tmp_path),
        "PATH": os.defpath,
        "HELM_DRIVER": "memory",
        "HELM_MEMORY_DRIVER_DATA": str(records),
    }


@pytest.fixture
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach a cluster that holds nothing."""

    def context(session: Session) -> Context:
        paths = session.environment.get("HELM_MEMORY_DRIVER_DATA")
        namespace = session.namespace()
        return Context(
            cluster=SilentCluster(),  # type: ignore[arg-type]
            store=MemoryStore(namespace, read_data_files(paths)),
            namespace=namespace,
            environment=session.environment,
            clock=Clock(),
            entropy=os.urandom,
            reporter=session.reporter,
            compatibility=session.generation,
        )

    monkeypatch.setattr(Session, "context", context)
    monkeypatch.setattr("pilothouse.actions.status.live_resources", lambda *_arguments, **_more: {})


def ours(words: list[str], variables: dict[str, str]) -> Outcome:
    """Run our command in this process."""
    environment = Environment(variables=variables, arguments=("helm",), working_directory=os.getcwd())
    return run_in_process(lambda given, streams: run(given, streams, environment), words)


def real(program: str, words: list[str], variables: dict[str, str]) -> Outcome:
    """Run the real program."""
    done = subprocess.run([program, *words], env=variables, capture_output=True, text=True, check=False)
    return Outcome(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)


@pytest.mark.oracle
@pytest.mark.usefixtures("_offline")
@pytest.mark.parametrize("line", LINES)
def test_releases_are_shown_as_helm_4_shows_them(helm4: str, variables: dict[str, str], line: str) -> None:
    """Tables, JSON, YAML, blocks of text and errors are equal byte for byte."""
    words = line.split(" ")
    assert ours(words, variables) == real(helm4, words, variables)


@pytest.mark.oracle
@pytest.mark.usefixtures("_offline")
@pytest.mark.parametrize(
    "line",
    [
        "list",
        "list -a",
        "list -o json",
        "history aeneas -o json",
        "history norec -o json",
        "status aeneas",
        "status aeneas --show-desc",
        "status aeneas -o json",
        "get all aeneas",
        "get metadata aeneas --revision 1",
        "get metadata aeneas --revision 1 -o json",
        "get values aeneas",
        "history nope",
    ],
)
def test_releases_are_shown_as_helm_3_shows_them_when_asked_for(
    helm3: str, variables: dict[str, str], line: str
) -> None:
    """With HELM_COMPAT=3 defaults, columns and fields are those of Helm 3.16."""
    words = line.split(" ")
    assert ours(words, {**variables, "HELM_COMPAT": "3"}) == real(helm3, words, variables)
