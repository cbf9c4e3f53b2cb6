"""``helm convert`` of many releases with their history, killed and called again, from Tiller to Helm 4 and back."""

from __future__ import annotations

import importlib
import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("google.protobuf")

from pilothouse.actions.tiller_install import TillerInstallOptions, install
from pilothouse.actions.tiller_rollback import TillerRollbackOptions, rollback
from pilothouse.actions.tiller_upgrade import TillerUpgradeOptions, upgrade
from pilothouse.hapi.convert import release_message
from pilothouse.hapi.messages import ChartMessage, ConfigMessage
from pilothouse.kube.resources import CONFIG_MAPS
from pilothouse.storage import records as records_of_helm

_shared = importlib.import_module("functional.side_by_side")
_convert = importlib.import_module("functional.test_convert")


class Releases:
    """Releases that were made by our Tiller, with two to five revisions and objects in the cluster.

    Args:
        place: The cluster.
        count: How many.
    """

    def __init__(self, place: Any, count: int) -> None:
        self._place = place
        self._helm = place.assembly.context(namespace=place.web).store
        self.revisions = {f"many-{number:03}": 2 + number % 4 for number in range(count)}
        chart = ChartMessage()
        chart.metadata.name, chart.metadata.version, chart.metadata.apiVersion = "demo", "0.1.0", "v1"
        chart.templates.add(name="templates/cm.yaml", data=_convert.TEMPLATE.encode())
        chart.templates.add(name="templates/hook.yaml", data=_convert.HOOK.encode())
        chart.values.raw = "a: one\n"
        for name, revisions in self.revisions.items():
            install(place.context, TillerInstallOptions(chart=chart, name=name, namespace=place.web))
            for number in range(2, revisions + 1):
                self._next(name, chart, number)
        self.total = sum(self.revisions.values())

    def _next(self, name: str, chart: Any, number: int) -> None:
        if number == 4:
            rollback(self._place.context, TillerRollbackOptions(name=name, revision=1))
            return
        options = TillerUpgradeOptions(name=name, chart=chart, config=ConfigMessage(raw=f"a: v{number}\n"))
        upgrade(self._place.context, options)

    def of_tiller(self) -> dict[str, str]:
        """Return all that Tiller has, as text by key; YAML as what it means."""
        found = {}
        for release in self._place.store.list():
            message = release_message(release)
            for part in (message.chart.values, message.config):
                part.raw = json.dumps(yaml.safe_load(part.raw or "{}"), sort_keys=True)
            found[f"{release.name}.v{release.revision}"] = str(message)
        return found

    def of_helm(self) -> dict[str, Any]:
        """Return all that Helm has, by key."""
        listed = self._helm.list()
        return {f"{one.name}.v{one.revision}": json.loads(records_of_helm.encode(one)) for one in listed}


def killed(place: Any, words: list[str], is_half_way: Callable[[], bool]) -> None:
    """Begin a conversion and kill it in its middle."""
    command = [*_shared.OURS, "convert", *words, "--tiller-namespace", place.tiller]
    process = subprocess.Popen(command, env=place.ours.environment(), stdout=subprocess.DEVNULL)
    try:
        while not is_half_way():
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.02)
    finally:
        process.kill()
    assert process.wait(timeout=180) == -signal.SIGKILL


def states(conversion: dict[str, Any]) -> set[str]:
    """Return what became of the releases."""
    return {one["state"] for one in conversion.values()}


@pytest.mark.oracle
@pytest.mark.parametrize("many", [4, pytest.param(100, marks=pytest.mark.slow)])
def test_many_releases_move_to_helm_4_and_back(
    any_kubeconfig: Path, kubectl: str, helm4: str, tmp_path: Path, many: int
) -> None:
    """Nothing is lost when it is killed, all of it is read back the same, and real Helm 4 lists and rolls back each."""
    place = _convert.Place(any_kubeconfig, tmp_path, kubectl)
    real = _shared.Side((helm4,), any_kubeconfig, place.web, tmp_path / "real")
    real.home.mkdir()
    with place.client:
        releases = Releases(place, many)
        before = releases.of_tiller()
        assert len(before) == releases.total

        assert states(place.convert("--all", "--dry-run")) == {"would be converted"}
        assert (releases.of_helm(), releases.of_tiller()) == ({}, before)
        killed(place, ["--all"], lambda: len(releases.of_helm()) > releases.total // 3)
        copied = releases.of_helm()
        assert (0 < len(copied) < releases.total, releases.of_tiller()) == (True, before)
        done = place.convert("--all")
        assert {"present", "converted"} >= states(done) > {"present"}
        assert sum(len(one["copied"]) for one in done.values()) == releases.total - len(copied)
        assert releases.of_tiller() == before
        everything = releases.of_helm()
        assert everything.keys() == before.keys()

        words = ["--all", "--delete-converted"]
        killed(place, words, lambda: len(releases.of_tiller()) < 2 * releases.total // 3)
        assert releases.of_helm() == everything
        place.convert(*words)
        assert (releases.of_tiller(), releases.of_helm()) == ({}, everything)

        _live_on(real, place, releases)
        _back(real, place, releases, before)


def _live_on(real: Any, place: Any, releases: Releases) -> None:
    """Real Helm 4 lists all of them, with their revisions, and rolls each back."""
    listed = json.loads(real.raw("list", "--max", "0", "-o", "json").stdout)
    assert {one["name"]: int(one["revision"]) for one in listed} == releases.revisions
    assert {(one["status"], one["chart"]) for one in listed} == {("deployed", "demo-0.1.0")}
    for name, revisions in releases.revisions.items():
        history = json.loads(real.raw("history", name, "-o", "json").stdout)
        assert [one["status"] for one in history] == ["superseded"] * (revisions - 1) + ["deployed"]
        ran = real.raw("rollback", name, "1")
        assert (ran.exit_code, ran.stderr) == (0, "")
        assert place.client.get(CONFIG_MAPS, place.web, f"{name}-cm")["data"] == {"a": "one"}


def _back(real: Any, place: Any, releases: Releases, before: dict[str, str]) -> None:
    """All of them, with the revision that Helm 4 made, go back to Tiller, which goes on with them."""
    total = releases.total + len(releases.revisions)
    everything = releases.of_helm()
    assert len(everything) == total
    words = ["--all", "--to-tiller"]
    assert states(place.convert(*words, "--dry-run")) == {"would be converted"}
    assert (releases.of_tiller(), releases.of_helm()) == ({}, everything)
    killed(place, words, lambda: len(releases.of_tiller()) > total // 3)
    copied = releases.of_tiller()
    assert (0 < len(copied) < total, releases.of_helm()) == (True, everything)
    done = place.convert(*words)
    assert sum(len(one["copied"]) for one in done.values()) == total - len(copied)
    assert releases.of_helm() == everything
    there = releases.of_tiller()
    killed(place, [*words, "--delete-converted"], lambda: len(releases.of_helm()) < 2 * total // 3)
    assert releases.of_tiller() == there
    place.convert(*words, "--delete-converted")
    assert (releases.of_helm(), releases.of_tiller()) == ({}, there)
    # What Helm 4's rollback wrote again is all that is not as it was before the journey.
    assert {key for key, text in before.items() if there[key] != text} == {
        f"{name}.v{revisions}" for name, revisions in releases.revisions.items()
    }
    assert json.loads(real.raw("list", "-o", "json").stdout) == []
    for name, revisions in releases.revisions.items():
        release = rollback(place.context, TillerRollbackOptions(name=name, revision=2))
        assert (release.revision, release.info.status) == (revisions + 2, "deployed")
        assert place.client.get(CONFIG_MAPS, place.web, f"{name}-cm")["data"] == {"a": "v2"}
