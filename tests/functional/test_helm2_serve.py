"""``helm serve`` and the repositories of a HELM_HOME: recorded sessions of Helm 2.17; Helm 3 and 4 as clients."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pilothouse.cli.main import run
from pilothouse.commandline.runner import run_in_process
from pilothouse.environment import Environment

REPOSITORY = Path(__file__).resolve().parents[2]
GOLDEN = REPOSITORY.parent / "shared" / "reference" / "helm2" / "golden"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-simple\n"
FORMER = "127.0.0.1:8879"
pytestmark = pytest.mark.skipif(not GOLDEN.is_dir(), reason="the recorded sessions are not there")


class Home:
    """A HELM_HOME, a working folder with the charts of the session, and the address of the server."""

    def __init__(self, folder: Path, port: int) -> None:
        self.home, self.work, self.port = folder / "helm", folder / "work", port
        for each in ("repository/cache", "repository/local"):
            (self.home / each).mkdir(parents=True)
        self.work.mkdir()
        with tarfile.open(GOLDEN / "charts.tar.gz") as archive:
            archive.extractall(self.work, filter="data")
        url = f"http://127.0.0.1:{port}/charts"
        text = f"apiVersion: v1\nrepositories:\n- name: local\n  url: {url}\n"
        (self.home / "repository/repositories.yaml").write_text(text, encoding="utf-8")
        (self.home / "repository/local/index.yaml").write_text("apiVersion: v1\nentries: {}\n", encoding="utf-8")
        (self.home / "repository/cache/local-index.yaml").symlink_to(self.home / "repository/local/index.yaml")

    def command(self, *arguments: str) -> tuple[list[str], dict[str, str]]:
        """Return a command line and its environment."""
        environment = {
            "HELM_HOME": str(self.home),
            "HOME": str(self.home.parent),
            "HELM_COMPAT": "2",
            "PYTHONPATH": str(REPOSITORY / "src"),
            "PATH": os.defpath,
        }
        return [sys.executable, "-m", "pilothouse", *arguments], environment

    def helm(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command of the session; return exit code, output and errors, as they were recorded."""
        _, variables = self.command()
        environment = Environment(variables=variables, working_directory=str(self.work))
        given = [each.replace("8879", str(self.port)) for each in arguments]
        done = run_in_process(lambda words, streams: run(words, streams, environment), given)
        errors = "".join(line for line in done.stderr.splitlines(True) if not line.startswith("hint: "))
        return done.exit_code, self.recorded(done.stdout), self.recorded(errors)

    def recorded(self, text: str) -> str:
        """Return a text with the placeholders of the session."""
        for path, name in ((self.home, "$HELM_HOME"), (self.work, "$WORK")):
            text = text.replace(str(path), name)
        return text.replace(str(self.port), "8879")

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Fetch a page of the server."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=180)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            return answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()
        finally:
            connection.close()


def four_digit_port() -> int:
    """Return a free port as long as that of the session: columns are as wide as what is in them."""
    for port in range(7000, 9999):
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    pytest.fail("no free port")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The server of the session: archives that our own packager made from the session's charts."""
    made = Home(tmp_path_factory.mktemp("serve"), four_digit_port())
    (made.work / "dist").mkdir()
    (made.work / "charts/simple/templates").mkdir(parents=True)
    (made.work / "charts/simple/Chart.yaml").write_text("apiVersion: v1\nname: simple\nversion: 1.0.0\n")
    (made.work / "charts/simple/templates/cm.yaml").write_text(CONFIG_MAP)
    code, _, errors = made.helm("package", "charts/simple", "-d", "dist", "--save=false")
    assert code == 0, errors
    for step in recorded(132, 141):
        assert made.helm(*step["cmd"][1:]) == (step["exit"], step["stdout"], step["stderr"]), step["cmd"]
    assert made.helm("package", "charts/waity", "-d", "dist")[0] == 0
    command, environment = made.command("serve", "--repo-path", "dist", "--address", f"127.0.0.1:{made.port}")
    process = subprocess.Popen(command, cwd=made.work, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        lines = [made.recorded(process.stdout.readline()) for _ in range(2)]
        assert lines == ["Regenerating index. This may take a moment.\n", f"Now serving you on {FORMER}\n"]
        deadline = time.monotonic() + 120
        while True:
            try:
                made.get("/")
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield made
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=180)


def recorded(first: int, last: int) -> Iterator[dict[str, Any]]:
    """Yield the commands of the session."""
    with (GOLDEN / "offline.jsonl").open(encoding="utf-8") as file:
        for line in file:
            step = json.loads(line)
            if first <= step["step"] <= last and "cmd" in step:
                yield step


def test_page_is_that_of_helm_2(home: Home) -> None:
    """Every address of the page gives the recorded one, for the charts that are here."""
    (step,) = recorded(159, 159)
    wanted = str(step["stdout"]).partition("\r\n\r\n")[2]
    for path in ("/", "/charts/", "/charts/index.html", "/charts/index"):
        status, headers, body = home.get(path)
        page = home.recorded(body.decode())
        page = re.sub(r"  <li>simple<ul>.*?</ul>\n  </li>\n\n", "", page, flags=re.DOTALL)
        assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert re.sub(r"Generated: .*? UTC", "", page) == re.sub(r"Generated: .*? UTC", "", wanted)


def test_files_are_served_as_recorded(home: Home) -> None:
    """Index, archives and what is missing, with the types of their content; heads alone, and conditional requests."""
    for path, kind in (
        ("/charts/index.yaml", "application/x-yaml"),
        ("/index.yaml", "application/x-yaml"),
        ("/charts/plain-0.1.0.tgz", "application/x-compressed-tar"),
    ):
        status, headers, body = home.get(path)
        assert (status, headers["content-type"], headers["content-length"]) == (200, kind, str(len(body)))
        assert home.get(path, If_Modified_Since=headers["last-modified"])[0] == 304
        status, again, nothing = home.get(path, "HEAD")
        assert (status, again["content-length"], nothing) == (200, str(len(body)), b"")
    for path in (
        "/charts/nosuch-1.tgz",
        "/other",
        "/charts/../../work/charts",
        "/%2e%2e/helm/repository",
        "/charts/%00",
    ):
        assert (home.get(path)[0], home.get(path)[2]) == (404, b"404 page not found\n")


def test_commands_of_the_session(home: Home) -> None:
    """Indexing, listing, updating, searching, adding and removing print what Helm 2.17 printed."""
    compared = 0
    for step in recorded(156, 204):
        command: list[str] = step["cmd"]
        # The first ones need the repository `stable`, which is not reached here.
        if command[0] == "helm" and step["step"] not in (158, 168, 169, 170):
            compared += 1
            assert home.helm(*command[1:]) == (step["exit"], step["stdout"], step["stderr"]), command
    assert compared == 36


def test_what_is_copied_there_is_there_at_once(home: Home) -> None:
    """The index is made anew when the folder changes."""
    old, new = home.work / "dist/plain-0.1.0.tgz", home.work / "dist/sub/plain-0.1.0.tgz"
    assert b"/sub/plain" not in home.get("/charts/index.yaml")[2]
    new.parent.mkdir()
    shutil.copy(old, new)
    assert f"http://127.0.0.1:{home.port}/sub/plain-0.1.0.tgz".encode() in home.get("/charts/index.yaml")[2]
    shutil.rmtree(new.parent)
    assert b"/sub/plain" not in home.get("/charts/index.yaml")[2]


@pytest.mark.oracle
@pytest.mark.parametrize("program", ["helm3", "helm4"])
def test_later_helms_use_it(
    home: Home, program: str, request: pytest.FixtureRequest, tmp_path: Path, sandbox_kubeconfig: Path
) -> None:
    """Real Helm 3 and 4 add it, search it, and pull and install charts from it."""
    binary = request.getfixturevalue(program)

    def run(*arguments: str) -> str:
        environment = {"HOME": str(tmp_path), "PATH": os.defpath, "KUBECONFIG": str(sandbox_kubeconfig)}
        done = subprocess.run(
            [binary, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=180, check=True
        )
        return done.stdout

    run("repo", "add", "mine", f"http://127.0.0.1:{home.port}/charts")
    assert "mine/plain\t0.2.0" in run("search", "repo", "plain")
    run("pull", "mine/plain", "--version", "0.1.0")
    assert (tmp_path / "plain-0.1.0.tgz").read_bytes() == (home.work / "dist/plain-0.1.0.tgz").read_bytes()
    assert "STATUS: deployed" in run("install", f"served-{program}", "mine/simple", "--version", "1.x")
