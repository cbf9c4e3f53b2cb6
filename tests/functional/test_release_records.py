"""Release records that real Helm wrote are read and written unchanged, and real Helm goes on with ours."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pilothouse.environment import Environment
from pilothouse.kube import config
from pilothouse.kube.client import KubeClient
from pilothouse.kube.resources import CONFIG_MAPS, SECRETS
from pilothouse.releases.release import DEPLOYED, SUPERSEDED
from pilothouse.releases.store import ReleaseStore
from pilothouse.storage import records
from pilothouse.storage.opening import open_store
from pilothouse.storage.packing import unpack

pytestmark = pytest.mark.oracle

CHART_FILES = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: '9 <x>'\nkeywords: [a, b]\n"
    "maintainers:\n- {name: M, email: m@example.com}\nannotations: {z: '1', a: '2'}\nicon: file:///i.png\n",
    "values.yaml": "replicas: 1\nbig: 1e+30\ntiny: 0.0000001\nempty: {}\nlist: [1, 2.5, null, '<&>']\nnothing: null\n",
    "values.schema.json": '{"type": "object"}',
    "templates/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n"
    "data:\n  x: {{ .Values.replicas | quote }}\n  y: '<ü&>'\n",
    "templates/hook.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-hook\n"
    "  annotations:\n    helm.sh/hook: pre-install,post-upgrade\n    helm.sh/hook-weight: '-5'\n"
    "    helm.sh/hook-delete-policy: hook-succeeded\n",
    "templates/NOTES.txt": "Thank you for {{ .Chart.Name }}.\n",
    "README.md": "# Web\n",
}

Helm = Callable[..., str]


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small chart with a hook, notes, a schema and odd values."""
    folder = tmp_path_factory.mktemp("chart") / "web"
    for name, text in CHART_FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(params=["secret", "configmap"])
def driver(request: pytest.FixtureRequest) -> str:
    """The drivers that keep records in a cluster."""
    return str(request.param)


@pytest.fixture(params=[3, 4])
def generation(request: pytest.FixtureRequest) -> int:
    """The generation of Helm."""
    return int(request.param)


@pytest.fixture
def helm(
    request: pytest.FixtureRequest, generation: int, driver: str, any_kubeconfig: Path, tmp_path: Path
) -> Iterator[Helm]:
    """Real Helm against the cluster; its releases are removed afterwards."""
    program = request.getfixturevalue(f"helm{generation}")
    variables = {
        "PATH": os.defpath,
        "HOME": str(tmp_path),
        "KUBECONFIG": str(any_kubeconfig),
        "HELM_DRIVER": driver,
        "TZ": "Asia/Kolkata",
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [program, *arguments], env=variables, capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    yield run
    for name in run("list", "--short", "--all" if generation == 3 else "--namespace=default").split():
        run("uninstall", name)


@pytest.fixture
def client(any_kubeconfig: Path) -> Iterator[KubeClient]:
    """A client of the cluster."""
    with KubeClient(config.load(Environment(), config.Overrides(kubeconfig=str(any_kubeconfig)))) as client:
        yield client


@pytest.fixture
def store(client: KubeClient, driver: str, generation: int) -> ReleaseStore:
    """Our store with the same driver."""
    return open_store(driver, client, "default", compatibility=generation)


def stored_json(client: KubeClient, driver: str, name: str, revision: int) -> bytes:
    """Return the JSON that is stored in the cluster."""
    mapping = SECRETS if driver == "secret" else CONFIG_MAPS
    packed = client.get(mapping, "default", f"sh.helm.release.v1.{name}.v{revision}")["data"]["release"]
    return unpack(base64.b64decode(packed) if driver == "secret" else packed)


def test_ours_reads_theirs(
    helm: Helm, client: KubeClient, store: ReleaseStore, chart: Path, driver: str, generation: int
) -> None:
    """Records of real Helm say the same to us, and are the same bytes when we write them."""
    settings = ("--set", "a=1,b=text,big=9007199254740993", "--labels", "team=a")
    helm("install", "theirs", str(chart), *settings, "--description", "für <x> & y")
    helm("upgrade", "theirs", str(chart), "--set-json", 'd={"x":[1,2.5,1e30,null]}')
    helm("rollback", "theirs", "1")
    history = store.history("theirs")
    assert [(release.revision, release.info.status) for release in history] == [
        (1, SUPERSEDED),
        (2, SUPERSEDED),
        (3, DEPLOYED),
    ]
    assert history[0].config == {"a": 1.0, "b": "text", "big": 9007199254740992.0}
    assert (history[0].info.description, history[2].info.description) == ("für <x> & y", "Rollback to 1")
    assert history[2].info.rollback_revision == (1 if generation == 4 else 0)
    assert store.get("theirs", 1).labels == {"team": "a"}
    assert history[0].labels.items() >= {"team": "a", "owner": "helm", "version": "1"}.items()
    assert history[0].manifest + "\n" == helm("get", "manifest", "theirs", "--revision", "1")
    for release in history:
        before = stored_json(client, driver, "theirs", release.revision)
        assert records.encode(release, compatibility=generation).encode() == before
        store.update(release)
        assert stored_json(client, driver, "theirs", release.revision) == before
        assert store.get("theirs", release.revision) == release.replace(labels={"team": "a"})


def test_theirs_goes_on_with_ours(helm: Helm, store: ReleaseStore, chart: Path) -> None:
    """Real Helm lists, shows, upgrades, rolls back and removes a release whose last record is ours."""
    helm("install", "shared", str(chart), "--set", "a=1")
    first = store.get("shared", 1)
    store.update(first.with_info(status=SUPERSEDED))
    assert first.chart is not None
    ours = first.replace(
        revision=2,
        chart=first.chart.replace(values={**first.chart.values, "replicas": 2.0}),
        config={"a": 5.0, "text": "<ü>", "deep": {"b": None, "a": [1.0, 0.5]}},
        manifest=first.manifest.replace('x: "1"', 'x: "2"'),
        labels={"team": "b"},
    ).with_info(description="by us", last_deployed="2026-01-02T03:04:05.000000006Z")
    store.create(ours)

    (listed,) = json.loads(helm("list", "--output", "json"))
    assert (listed["name"], listed["revision"], listed["status"]) == ("shared", "2", "deployed")
    assert (listed["chart"], listed["app_version"]) == ("web-1.2.3", "9 <x>")
    assert listed["updated"] == "2026-01-02 03:04:05.000000006 +0000 UTC"
    assert json.loads(helm("list", "--selector", "team=b", "--output", "json"))
    assert json.loads(helm("get", "values", "shared", "--output", "json")) == {
        "a": 5,
        "text": "<ü>",
        "deep": {"b": None, "a": [1, 0.5]},
    }
    status = json.loads(helm("status", "shared", "--output", "json"))
    assert status["info"]["description"] == "by us"
    assert status["manifest"] == ours.manifest
    assert [entry["revision"] for entry in json.loads(helm("history", "shared", "--output", "json"))] == [1, 2]
    helm("upgrade", "shared", str(chart), "--reuse-values", "--set", "c=3")
    assert json.loads(helm("get", "values", "shared", "--output", "json"))["c"] == 3
    helm("rollback", "shared", "2")
    assert store.get("shared", 4).config == ours.config
    assert [entry["status"] for entry in json.loads(helm("history", "shared", "--output", "json"))] == [
        "superseded",
        "superseded",
        "superseded",
        "deployed",
    ]
    helm("uninstall", "shared")
    assert store.history("shared") == []


def test_the_same_record_for_the_same_release(
    helm: Helm, client: KubeClient, chart: Path, driver: str, generation: int
) -> None:
    """A release taken apart and put together again gives the JSON that Helm wrote."""
    helm("install", "same", str(chart), "--set", "a=1")
    text = stored_json(client, driver, "same", 1)
    release = records.decode(text)
    assert release.chart is not None
    rebuilt = json.loads(records.encode(release.replace(chart=release.chart.replace()), compatibility=generation))
    wanted = json.loads(text)
    for document in (rebuilt, wanted):  # the zone of the files' times is the client's
        document["chart"].pop("modtime", None)
        document["chart"].pop("schemamodtime", None)
        for file in document["chart"]["templates"] + document["chart"]["files"]:
            file.pop("modtime", None)
    assert json.dumps(rebuilt) == json.dumps(wanted)
