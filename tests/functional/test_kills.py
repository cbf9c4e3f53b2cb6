"""Processes that are killed while they change a release: ours goes on, and the real Helm reads what is there.

A sample, with true processes on the embedded cluster and on a real API server; every step is swept in
``test_crashes.py``. ``PILOTHOUSE_KILL_EVERY=1`` kills at every request that changes something.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FaultProxy = importlib.import_module("functional.fault_proxy").FaultProxy
_sides = importlib.import_module("functional.side_by_side")

EVERY = os.environ.get("PILOTHOUSE_KILL_EVERY", "") == "1"
OURS = (sys.executable, "-m", "pilothouse")
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {by: '%s'}\n"
HOOK = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hook\n  annotations:\n"
    "    helm.sh/hook: pre-install,pre-upgrade,post-upgrade,pre-rollback,pre-delete,post-delete\n"
    "    helm.sh/hook-delete-policy: hook-succeeded\n"
)

pytestmark = pytest.mark.oracle


def files(version: int, *names: str) -> dict[str, str]:
    """Return the templates of a chart of ConfigMaps."""
    return {f"templates/{name}.yaml": CONFIG % (name, version) for name in names} | {"templates/hook.yaml": HOOK}


class Kills:
    """Our helm in processes that can be killed, and the real one, in one namespace.

    Attributes:
        requests: How many changing requests the last command made.
    """

    def __init__(self, kubeconfig: Path, home: Path, kubectl: str, helm4: str) -> None:
        self.side = _sides.side(OURS, kubeconfig, home, kubectl, word="kill")
        self.real = _sides.Side((helm4,), kubeconfig, self.side.namespace, home, kubectl)
        self.proxy: Any = FaultProxy(kubeconfig)
        self.home = home
        self.requests = 0
        through = home / "through"
        through.write_text(self.proxy.kubeconfig())
        through.chmod(0o600)
        self.environment = {**self.side.environment(), "KUBECONFIG": str(through)}
        for number, names in ((1, "ab"), (2, "ac"), (3, "ad")):
            _sides.write_chart(home / str(number), files(number, *names), name="web", version=f"{number}.0.0")

    def killed(self, words: list[str], request: int, *, after: bool) -> bool:
        """Run a command and kill it at a changing request; return whether it was, not having ended before."""
        self.requests = 0
        started: list[subprocess.Popen[bytes]] = []
        lock, local = threading.Lock(), threading.local()

        def watch(method: str, _path: str, moment: str) -> bool:
            if method == "GET":
                return False
            if moment == "before":  # requests are made in parallel: each keeps its own number
                with lock:
                    self.requests += 1
                    local.number = self.requests
            if local.number == request and moment == ("after" if after else "before"):
                started[0].send_signal(signal.SIGKILL)
                started[0].wait(timeout=180)
                return True
            return False

        self.proxy.watcher = watch
        with subprocess.Popen(
            [*OURS, *words],
            env=self.environment,
            cwd=self.home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            started.append(process)
            process.wait(timeout=120)
        self.proxy.watcher = lambda _method, _path, _moment: False
        return process.returncode == -signal.SIGKILL

    def ours(self, *words: str) -> Any:
        """Run our helm and see that it succeeds."""
        ran = self.side.raw(*words)
        assert ran.exit_code == 0, ran
        return ran

    def objects(self) -> dict[str, str]:
        """Return the namespace's ConfigMaps that are the charts'."""
        items = json.loads(self.side.kubectl("get configmaps -o json"))["items"]
        return {item["metadata"]["name"]: item["data"]["by"] for item in items if "by" in item.get("data", {})} | {
            item["metadata"]["name"]: "" for item in items if item["metadata"]["name"] == "hook"
        }

    def history(self) -> list[dict[str, Any]]:
        """Return the history as the real Helm reads it."""
        ran = self.real.raw("history", "web", "-o", "json")
        if "release: not found" in ran.stderr:
            return []
        assert ran.exit_code == 0, ran.stderr
        found: list[dict[str, Any]] = json.loads(ran.stdout)
        return found

    def reset(self) -> None:
        """Remove what is left of the release."""
        self.side.raw("uninstall", "web")
        assert self.objects() == {}


@pytest.fixture
def kills(any_kubeconfig: Path, tmp_path: Path, kubectl: str, helm4: str) -> Iterator[Kills]:
    """Our helm and the real one in a new namespace."""
    made = Kills(any_kubeconfig, tmp_path, kubectl, helm4)
    yield made
    made.proxy.close()
    made.side.kubectl("delete namespace {ns} --wait=false")


#: For each command: what comes before it, itself, and the changing requests at which a sample kills it.
COMMANDS: dict[str, tuple[list[list[str]], list[str], tuple[int, ...]]] = {
    "install": ([], ["install", "web", "1/web"], (2, 6)),
    "upgrade": ([["install", "web", "1/web"]], ["upgrade", "web", "2/web"], (1, 6, 8)),
    "rollback": (
        [["install", "web", "1/web"], ["upgrade", "web", "2/web"]],
        ["rollback", "web", "1"],
        (5,),
    ),
    "uninstall": ([["install", "web", "1/web"]], ["uninstall", "web"], (4, 6)),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_next_command_goes_on(kills: Kills, command: str) -> None:
    """After a kill the real Helm reads the history; ours goes on, and the real Helm goes on from there."""
    before, words, sample = COMMANDS[command]
    for request in range(1, 100) if EVERY else sample:
        for after in (False, True) if EVERY else (bool(request % 2),):
            for line in before:
                kills.ours(*line)
            if not kills.killed(words, request, after=after):
                assert EVERY
                assert request > 5
                kills.reset()
                return
            statuses = [entry["status"] for entry in kills.history()]
            assert statuses.count("deployed") <= 1
            if any(status.startswith("pending") for status in statuses):
                said = kills.ours("status", "web").stderr
                assert "was interrupted: process" in said
                assert "  left, the first of them perhaps begun" in said
            kills.ours("upgrade", "--install", "web", "3/web")
            assert kills.objects() == {"a": "3", "d": "3"}
            found = kills.history()
            assert found[-1]["status"] == "deployed"
            assert not [entry for entry in found if entry["status"].startswith("pending")]
            assert [entry["status"] for entry in found].count("deployed") == 1
            assert json.loads(kills.real.raw("list", "-o", "json").stdout)[0]["revision"] == str(found[-1]["revision"])
            back = kills.real.raw("rollback", "web", str(found[-1]["revision"]))
            assert back.exit_code == 0, back.stderr
            kills.reset()
