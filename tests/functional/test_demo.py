"""The tour with a Tiller: every part of the story, and nothing is left of it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("grpc")

REPOSITORY = Path(__file__).resolve().parents[2]
#: What the tour prints, in order; NAME stands for the release that Tiller named.
STORY = (
    r"\$ helm sandbox start",
    r"\$ helm init --debug .*",
    r"kind: ServiceAccount",
    r"kind: Deployment",
    r"  name: tiller-deploy",
    r"kind: Service",
    r"kind: Secret",
    r"Tiller \(the Helm server-side component\) has been installed into your Kubernetes Cluster\.",
    r"\$ .* get pods -n kube-system",
    r"tiller-deploy-\S+ +1/1 +Running +0 +\S+",
    r"\$ helm version",
    r"Client: &version.Version\{SemVer:\"v2\.17\.0\".*",
    r"Server: &version.Version\{SemVer:\"v2\.17\.0\".*",
    r"\$ helm serve .*",
    r"Now serving you on 127\.0\.0\.1:\d+",
    r"\$ helm repo add charts http://127\.0\.0\.1:\d+/charts",
    r"\"charts\" has been added to your repositories",
    r"\$ helm search settings",
    r"charts/settings\t0\.1\.0 .*",
    r"\$ helm create chart-demo",
    r"\$ cat chart-demo/requirements\.yaml",
    r"\$ helm dep up chart-demo",
    r"Saving 1 charts",
    r"\$ helm install \./chart-demo/",
    r"NAME:   (?P<name>[a-z]+-[a-z]+)",
    r"RESOURCES:",
    r"==> v1/ConfigMap",
    r"==> v1/Deployment",
    r"==> v1/Pod\(related\)",
    r"NOTES:",
    r"\$ helm list",
    r"NAME *\t1 +\t.*\tDEPLOYED\tchart-demo-0\.1\.0\t.*",
    r"            - name: MY_ENV",
    r"\$ helm upgrade --install NAME \./chart-demo/ --wait",
    r"Release \"NAME\" has been upgraded\.",
    r"\$ helm history NAME",
    r"1 +\t.*\tSUPERSEDED\t.*\tInstall complete",
    r"2 +\t.*\tDEPLOYED +\t.*\tUpgrade complete",
    r"\$ helm delete NAME",
    r"release \"NAME\" deleted",
    r"\$ helm list --deleted",
    r"NAME *\t2 +\t.*\tDELETED\t.*",
    r"\$ helm rollback NAME 1",
    r"Rollback was a success\.",
    r"\$ helm list",
    r"NAME *\t3 +\t.*\tDEPLOYED\t.*",
    r"\$ helm lint chart-demo",
    r"1 chart\(s\) linted, no failures",
    r"\$ helm package chart-demo",
    r"Successfully packaged chart and saved it to: .*/chart-demo-0\.1\.0\.tgz",
    r"    \"helm\.sh/hook\": pre-install",
    r"\$ helm install \./chart-demo/ --name hooked",
    r"STATUS: DEPLOYED",
    r"\$ .* get pods",
    r"hooked-prepare-\S+ +0/1 +Completed +.*",
    r"\$ helm delete --purge NAME hooked",
    r"release \"NAME\" deleted",
    r"release \"hooked\" deleted",
    r"\$ helm list --all",
    r"\$ helm reset",
    r"Tiller \(the Helm server-side component\) has been uninstalled from your Kubernetes Cluster\.",
    r"\$ helm sandbox stop",
    r"The tour took \d+ s\.",
)


def left_behind(folder: Path) -> list[str]:
    """Return the command lines of processes that were started for the tour."""
    found = []
    for each in Path("/proc").iterdir():
        try:
            if each.name.isdigit() and str(folder).encode() in (each / "environ").read_bytes():
                found.append((each / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


@pytest.mark.skipif(not (REPOSITORY / ".venv/bin/helm").exists(), reason="the tour runs what scripts/setup made")
def test_tour_with_a_tiller(tmp_path: Path) -> None:
    """Each line of the story comes, one after the other; no process and no file stays."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [str(REPOSITORY / "scripts/demo"), "--tiller"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = iter(done.stdout.splitlines())
    name = ""
    for wanted in STORY:
        pattern = re.compile(wanted.replace("NAME", name) if name else wanted)
        found = next((match for line in lines if (match := pattern.fullmatch(line))), None)
        assert found is not None, f"{wanted}\n{done.stdout}{done.stderr}"
        name = name or found.groupdict().get("name", "")
    assert done.stderr.strip() == "No resources found in kube-system namespace."
    assert left_behind(tmp_path) == []
    assert not list(tmp_path.glob("tmp.*"))
