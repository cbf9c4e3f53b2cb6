"""``helm convert``: releases of Helm 2 taken over by the real Helm 4, and releases of Helm 4 by our Tiller."""

from __future__ import annotations

import contextlib
import importlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("google.protobuf")

from pilothouse.actions.tiller_install import TillerInstallOptions, install
from pilothouse.actions.tiller_rollback import TillerRollbackOptions, rollback
from pilothouse.actions.tiller_upgrade import TillerUpgradeOptions, upgrade
from pilothouse.assembly import Assembly
from pilothouse.environment import Environment
from pilothouse.hapi.messages import ChartMessage, ConfigMessage
from pilothouse.kube.resources import CONFIG_MAPS, NAMESPACES

_shared = importlib.import_module("functional.side_by_side")
#: How many of the releases, each of which has three revisions, have objects in the cluster.
REAL = 2
TEMPLATE = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-cm}\ndata: {a: {{ .Values.a | quote }}}\n"
)
HOOK = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-hook\n  annotations:\n"
    '    "helm.sh/hook": post-upgrade\n    "helm.sh/hook-delete-policy": before-hook-creation\n'
)


class Place:
    """A cluster with a Tiller's namespace and one for releases."""

    def __init__(self, kubeconfig: Path, home: Path, kubectl: str = "") -> None:
        mark = uuid.uuid4().hex[:8]
        self.tiller, self.web = f"tiller-{mark}", f"web-{mark}"
        self.assembly = Assembly(Environment(variables={"HOME": str(home), "KUBECONFIG": str(kubeconfig)}))
        self.client = self.assembly.client()
        for name in (self.tiller, self.web):
            self.client.create(NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        self.context = self.assembly.tiller(driver="configmap", namespace=self.tiller)
        self.store = self.context.store
        self.ours = _shared.Side(_shared.OURS, kubeconfig, self.web, home, kubectl)

    def convert(self, *words: str, code: int = 0) -> Any:
        """Run ``helm convert`` and return what it says, by release."""
        ran = self.ours.raw("convert", *words, "--tiller-namespace", self.tiller, "-o", "json", timeout=300)
        assert ran.exit_code == code, ran.stderr
        return {one["name"]: one for one in json.loads(ran.stdout or "[]")}

    def names(self) -> list[str]:
        """Return the keys of Tiller's records."""
        return sorted(f"{one.name}.v{one.revision}" for one in self.store.list())

    def install(self, name: str) -> None:
        """Install a release and upgrade it twice."""
        chart = ChartMessage()
        chart.metadata.name, chart.metadata.version = "demo", "0.1.0"
        chart.templates.add(name="templates/cm.yaml", data=TEMPLATE.encode())
        chart.templates.add(name="templates/hook.yaml", data=HOOK.encode())
        chart.values.raw = "# which\na: one\n"
        install(self.context, TillerInstallOptions(chart=chart, name=name, namespace=self.web))
        for text in ("a: two\n", "a: three\n"):
            upgrade(self.context, TillerUpgradeOptions(name=name, chart=chart, config=ConfigMessage(raw=text)))

    def copies(self, name: str, count: int) -> None:
        """Store releases like this one under other names."""
        for number in range(count):
            for release in self.store.query(name):
                self.store.create(release.replace(name=f"copy-{number:03}"))


@pytest.fixture
def real_place(any_kubeconfig: Path, tmp_path: Path, kubectl: str) -> Iterator[Place]:
    """An empty place, of the embedded cluster and of a real one."""
    made = Place(any_kubeconfig, tmp_path, kubectl)
    with made.client:
        yield made


@pytest.fixture
def place(sandbox_kubeconfig: Path, tmp_path: Path) -> Iterator[Place]:
    """An empty place of the embedded cluster."""
    made = Place(sandbox_kubeconfig, tmp_path)
    with made.client:
        yield made


@pytest.mark.oracle
@pytest.mark.parametrize("many", [6])
def test_releases_move_to_helm_4(real_place: Place, helm4: str, tmp_path: Path, many: int) -> None:
    """All releases with their history: tried, copied, removed where they were; real Helm 4 lists, rolls them back."""
    for number in range(REAL):
        real_place.install(f"real-{number}")
    real_place.copies("real-0", many - REAL)
    before = real_place.names()
    assert len(before) == 3 * many

    planned = real_place.convert("--all", "--dry-run")
    assert {one["state"] for one in planned.values()} == {"would be converted"}
    assert len(planned) == many
    real = _shared.Side((helm4,), real_place.ours.kubeconfig, real_place.web, tmp_path / "real")
    real.home.mkdir()
    assert json.loads(real.raw("list", "-o", "json").stdout) == []

    done = real_place.convert("--all")
    assert {(one["state"], len(one["copied"])) for one in done.values()} == {("converted", 3)}
    assert real_place.names() == before
    moved = real_place.convert("--all", "--delete-converted")
    assert {(one["state"], len(one["copied"])) for one in moved.values()} == {("moved", 0)}
    assert real_place.names() == []

    listed = json.loads(real.raw("list", "--max", "0", "-o", "json").stdout)
    assert {(one["revision"], one["status"], one["chart"]) for one in listed} == {("3", "deployed", "demo-0.1.0")}
    assert len(listed) == many
    for number in range(REAL):
        name = f"real-{number}"
        history = json.loads(real.raw("history", name, "-o", "json").stdout)
        assert [one["status"] for one in history] == ["superseded", "superseded", "deployed"]
        ran = real.raw("rollback", name, "1")
        assert (ran.exit_code, ran.stderr) == (0, "")
        assert real_place.client.get(CONFIG_MAPS, real_place.web, f"{name}-cm")["data"] == {"a": "one"}
    (tmp_path / "real" / "demo" / "templates").mkdir(parents=True)
    (tmp_path / "real" / "demo" / "Chart.yaml").write_text("apiVersion: v2\nname: demo\nversion: 0.2.0\n")
    (tmp_path / "real" / "demo" / "templates" / "cm.yaml").write_text(TEMPLATE)
    ran = real.raw("upgrade", "real-0", "./demo", "--reuse-values", "--set", "a=four")
    assert ran.exit_code == 0, ran.stderr
    assert real_place.client.get(CONFIG_MAPS, real_place.web, "real-0-cm")["data"] == {"a": "four"}
    assert real.raw("uninstall", "real-1").exit_code == 0


@pytest.mark.oracle
def test_releases_of_helm_4_move_to_tiller(real_place: Place, helm4: str, tmp_path: Path) -> None:
    """A release that real Helm 4 made, upgraded and rolled back goes to Tiller, which rolls it back and upgrades it."""
    real = _shared.Side((helm4,), real_place.ours.kubeconfig, real_place.web, tmp_path / "real")
    (real.home / "demo" / "templates").mkdir(parents=True)
    (real.home / "demo" / "Chart.yaml").write_text("apiVersion: v2\nname: demo\nversion: 0.1.0\n")
    (real.home / "demo" / "values.yaml").write_text("a: one\n")
    (real.home / "demo" / "templates" / "cm.yaml").write_text(TEMPLATE)
    for words in (("install", "web", "./demo"), ("upgrade", "web", "./demo", "--set", "a=two"), ("rollback", "web")):
        assert real.raw(*words).exit_code == 0

    assert real_place.convert("web", "--to-tiller", "--delete-converted")["web"]["state"] == "moved"
    assert json.loads(real.raw("list", "-o", "json").stdout) == []
    assert real_place.names() == ["web.v1", "web.v2", "web.v3"]
    back = rollback(real_place.context, TillerRollbackOptions(name="web", revision=2))
    assert (back.revision, back.info.status) == (4, "deployed")
    assert real_place.client.get(CONFIG_MAPS, real_place.web, "web-cm")["data"] == {"a": "two"}
    kept = upgrade(real_place.context, TillerUpgradeOptions(name="web", chart=back.wire.chart))
    assert (kept.revision, kept.config_text) == (5, "a: two\n")

    assert real_place.convert("web", "--delete-converted")["web"]["state"] == "moved"
    assert json.loads(real.raw("history", "web", "-o", "json").stdout)[-1]["revision"] == 5


def test_interrupted_work_goes_on(place: Place) -> None:
    """Half of a release is there already: the other half follows; half of it is removed already: so is the rest."""
    place.install("web")
    kept = {release.revision: release for release in place.store.query("web")}
    place.convert("web")
    helm = place.assembly.context(namespace=place.web).store
    helm.delete("web", 2)
    assert place.convert("web")["web"]["copied"] == [2]
    place.store.delete("web", 1)
    assert place.convert("web", "--delete-converted")["web"]["state"] == "moved"
    assert (place.names(), len(helm.history("web"))) == ([], 3)
    assert len(kept) == 3


def test_nothing_different_is_overwritten_or_removed(place: Place) -> None:
    """A record that differs, a release that went on and one that is being changed stay as they are, on both sides."""
    place.install("web")
    place.convert("web")
    helm = place.assembly.context(namespace=place.web).store
    changed = helm.get("web", 2).with_info(description="changed")
    helm.update(changed)
    failed = place.convert("web", "--delete-converted", code=1)["web"]
    assert (failed["state"], "revision 2 is there already, and different" in failed["problem"]) == ("failed", True)
    assert len(place.names()) == 3
    helm.create(helm.get("web", 3).replace(revision=4))
    assert "newer than revision 3" in place.convert("web", code=1)["web"]["problem"]

    last = place.store.get("web", 3)
    place.store.create(last.replace(name="busy", revision=1).with_info(status="pending-upgrade"))
    assert "has not ended" in place.convert("busy", code=1)["busy"]["problem"]
    assert place.convert("busy", "--include-pending")["busy"]["state"] == "converted"


def test_one_name_in_two_namespaces_is_refused(place: Place) -> None:
    """Tiller knows each name once."""
    name = f"twin-{place.web}"
    place.install(name)
    place.convert(name, "--delete-converted")
    other = f"{place.web}-2"
    place.client.create(NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": other}})
    helm = place.assembly.context(namespace=place.web).store
    twin = place.assembly.context(namespace=other).store
    twin.create(helm.get(name, 3).replace(namespace=other))
    ran = place.ours.raw("convert", name, "-A", "--to-tiller", "--tiller-namespace", place.tiller)
    assert ran.exit_code == 1
    assert f'"{name}" is the name of releases in the namespaces {place.web}, {other}' in ran.stderr
    assert place.names() == []


def test_names_or_all(place: Place) -> None:
    """What is meant must be said, and must be there."""
    for words, text in (
        ((), "give the names of releases, or --all"),
        (("web", "--all"), "give the names of releases, or --all"),
        (("nothing",), 'release: "nothing" not found'),
        (("--all", "--storage", "memory"), 'unknown storage "memory" of Tiller'),
    ):
        ran = place.ours.raw("convert", *words, "--tiller-namespace", place.tiller)
        assert (ran.exit_code, text in ran.stderr) == (1, True), ran.stderr


def test_databases_are_sides_too(place: Place, tmp_path: Path) -> None:
    """From Tiller's table to Helm's table, both in files."""
    url = f"sqlite:///{tmp_path}/tiller.db"
    place.install("web")
    store: Any = place.assembly.tiller_store("sql", "", url)
    with contextlib.closing(store._database):
        for release in place.store.query("web"):
            store.create(release)
    place.ours.variables = {
        "HELM_DRIVER": "sql",
        "HELM_DRIVER_SQL_CONNECTION_STRING": f"sqlite:///{tmp_path}/helm.db",
    }
    done = place.convert("--all", "--storage", "sql", "--sql-connection-string", url, "--delete-converted")
    assert (done["web"]["state"], done["web"]["revisions"]) == ("moved", [1, 2, 3])
    assert '"revision":"3"' in place.ours.raw("list", "-o", "json").stdout


def test_those_who_use_helm_2_can_leave(place: Place) -> None:
    """The command is there in Helm 2's dialect too, where help does not tell of it."""
    place.install("leaving")
    place.ours.variables = {"HELM_COMPAT": "2"}
    ran = place.ours.raw("convert", "leaving", "--tiller-namespace", place.tiller)
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[1].split() == ["leaving", place.web, "3", "3", "converted"]
    assert "convert" not in place.ours.raw("--help").stdout
    place.ours.variables = {}
    assert place.convert("leaving", "--delete-converted")["leaving"]["state"] == "moved"
