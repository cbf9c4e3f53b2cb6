"""``helm init`` and what it prints, as Helm 2.17 did and with the certificates that it makes by default."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc")

_session = importlib.import_module("functional.helm2_session")
#: Commands of the recorded file that have nothing to do with init.
OTHERS = ("home", "list", "repo", "search")


@pytest.fixture
def place(tmp_path: Path) -> Any:
    """An empty place to run in, with the files that the recorded commands name."""
    made = _session.Workplace(tmp_path, "repository:1", "tiller:1")
    made.work.mkdir()
    return made


def test_init_prints_what_was_recorded(shared: Path, place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Helm 2.17's, the objects and the lines about ``HELM_HOME`` are byte for byte the same."""
    golden = shared / "reference/helm2/golden"
    for name in ("cert", "key", "ca"):
        (place.work / f"{name}.pem").write_text("PEM")
    monkeypatch.chdir(place.work)
    compared = 0
    for step in _session.steps(golden, "init.jsonl"):
        if step.words[1] in OTHERS:
            continue
        compared += 1
        variables = {name: text.replace("$HELM_HOME", str(place.home)) for name, text in step.variables.items()}
        done = place.run(step.words, **{"HELM_HOST": "", "HELM_COMPAT_INSECURE": "1", **variables})
        shown = re.sub(r"(tls\.key|tls\.crt|ca\.crt): UEVN", r"\1: <base64 of the file>", place.masked(done.stdout))
        assert (done.exit_code, shown, place.masked(done.stderr)) == (step.exit_code, step.stdout, step.stderr), step
    assert compared == 48


def test_tiller_is_made_with_certificates_by_default(place: Any) -> None:
    """Without being asked, init asks for TLS on both sides, and the client's keys are the user's alone."""
    done = place.run(["helm", "init", "--output", "json"], HELM_HOST="")
    assert done.exit_code == 0, done.stderr
    decoder, text, found = json.JSONDecoder(), done.stdout, []
    while text.strip():
        one, end = decoder.raw_decode(text.lstrip())
        found.append(one)
        text = text.lstrip()[end:]
    kinds = {one["kind"]: one for one in found}
    assert list(kinds) == ["ServiceAccount", "ClusterRoleBinding", "Deployment", "Service", "Secret"]
    container = kinds["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    variables = {one["name"]: one.get("value") for one in container["env"]}
    assert (variables["TILLER_TLS_VERIFY"], variables["TILLER_TLS_ENABLE"]) == ("1", "1")
    assert sorted(kinds["Secret"]["data"]) == ["ca.crt", "tls.crt", "tls.key"]
    for name in ("ca.pem", "ca-key.pem", "cert.pem", "key.pem"):
        assert (place.home / name).stat().st_mode & 0o777 == 0o600


def test_keys_are_not_shown(place: Any) -> None:
    """What is shown with ``--debug`` holds no key, and a dry run leaves no file."""
    done = place.run(["helm", "init", "--dry-run", "--debug"], HELM_HOST="")
    assert "kind: Secret" in done.stdout
    assert "KG1hZGUgd2hlbiBpdCBpcyBpbnN0YWxsZWQp" in done.stdout  # the words that stand for it
    assert "PRIVATE" not in done.stdout
    assert not place.home.exists()


def test_certificates_of_others_stay(place: Any) -> None:
    """A certificate in ``HELM_HOME`` that was not made here is never written over."""
    place.home.mkdir()
    (place.home / "cert.pem").write_text("mine")
    done = place.run(["helm", "init", "-o", "yaml"], HELM_HOST="")
    assert done.exit_code == 1
    assert "cert.pem exists" in done.stderr
    assert (place.home / "cert.pem").read_text() == "mine"


@pytest.fixture
def sandbox(tmp_path: Path, place: Any) -> Iterator[dict[str, str]]:
    """The variables that mean an embedded cluster of the test's own, and no dialect."""
    home = tmp_path / "sandbox"
    source = str(Path(__file__).resolve().parents[2] / "src")
    yield {"HELM_SANDBOX": "1", "PILOTHOUSE_SANDBOX_HOME": str(home), "PYTHONPATH": source}
    place.run(["helm", "sandbox", "stop"], PILOTHOUSE_SANDBOX_HOME=str(home), HELM_COMPAT="")


def reached_by_plugin(home: Path, helm: Callable[..., str]) -> tuple[bool, bool]:
    """Return whether a plugin with ``useTunnel`` gets an address that Tiller answers at, and one without gets none."""
    for name, tunnel in (("through", "true"), ("alone", "false")):
        folder = home / "plugins" / name
        folder.mkdir(parents=True)
        described = f"name: {name}\nversion: 0.1.0\nusage: u\ndescription: d\nuseTunnel: {tunnel}\n"
        (folder / "plugin.yaml").write_text(f"{described}command: $HELM_PLUGIN_DIR/ask.py\n")
        (folder / "ask.py").write_text(
            f"#!{sys.executable}\nimport os, socket\nhost, _, port = os.environ['TILLER_HOST'].rpartition(':')\n"
            "print('told', repr(host))\n"
            "if host:\n    with socket.create_connection((host, int(port)), 10): print('reached')\n"
        )
        (folder / "ask.py").chmod(0o755)
    through, alone = helm("through", "--debug"), helm("alone")
    port = through.partition("Created tunnel using local port: '")[2].partition("'")[0]
    debugged = f'[debug] SERVER: "127.0.0.1:{port}"' in through
    return debugged and "told '127.0.0.1'\nreached" in through, alone == "told ''\n"


def test_a_tiller_is_found_renewed_and_taken_away(place: Any, sandbox: dict[str, str]) -> None:
    """Init decides that commands speak to the Tiller, over its pod's port and TLS; reset ends it."""
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(place.folder), "HELM_HOME": str(place.home), **sandbox}

    def helm(*words: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "pilothouse", *words],
            env=variables,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == code, (words, done.stdout, done.stderr)
        return done.stdout + done.stderr

    assert "version.BuildInfo" in helm("version")
    assert "has been installed" in helm("init", "--skip-repos", "--wait")
    before = (place.home / "cert.pem").read_bytes()
    assert 'Server: &version.Version{SemVer:"v2.17.0"' in helm("version")
    assert "already installed" in helm("init")
    assert (place.home / "cert.pem").read_bytes() == before
    assert "has been updated to pilothouse/tiller" in helm("init", "--upgrade", "--wait")
    assert (place.home / "cert.pem").read_bytes() != before
    assert helm("list") == ""
    assert reached_by_plugin(place.home, helm) == (True, True)
    assert "has been uninstalled" in helm("reset")
    assert "version.BuildInfo" in helm("version")
    while "tiller-deploy" in helm("sandbox", "get", "pods", "-n", "kube-system"):
        time.sleep(0.1)  # the pod goes a moment after its Deployment
    assert "could not find tiller" in helm("reset", code=1)
