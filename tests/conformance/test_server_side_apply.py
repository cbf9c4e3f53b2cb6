"""Field ownership and conflicts are those of a real API server, which answers the same requests in the same run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects import managedfields
from pilothouse.objects.copying import deep_copy
from pilothouse.objects.errors import ApplyConflict
from pilothouse.objects.schemas import Schema, schema_of

Object = dict[str, YamlValue]
Request = Callable[..., "subprocess.CompletedProcess[str]"]
NOW = "2024-01-01T00:00:00Z"
pytestmark = [pytest.mark.cluster, pytest.mark.slow]


@pytest.fixture(scope="module")
def request_real(realcluster: str, kubectl: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Request]:
    """Run kubectl against a real API server."""
    folder = tmp_path_factory.mktemp("cluster")
    subprocess.run([realcluster, "unpack", str(folder)], check=True, timeout=120)
    subprocess.run([realcluster, "up", str(folder), "--no-controllers"], check=True, timeout=120, capture_output=True)

    def run(*arguments: str, value: Object | None = None) -> subprocess.CompletedProcess[str]:
        command = [kubectl, "--kubeconfig", str(Path(folder) / "kubeconfig"), *arguments]
        sent = None if value is None else json.dumps(value)
        return subprocess.run(command, input=sent, capture_output=True, text=True, check=False, timeout=180)

    try:
        yield run
    finally:
        subprocess.run([realcluster, "down", str(folder)], check=False, timeout=180)


def deployment_schema() -> Schema:
    """The schema of Deployments."""
    found = schema_of("apps/v1", "Deployment")
    assert found is not None
    return found


SCHEMA = deployment_schema()


def deployment(name: str) -> Object:
    """Return a configuration with lists, maps and nested structures."""
    container = {
        "name": "c",
        "image": "x:1",
        "resources": {"limits": {"cpu": "1"}},
        "ports": [{"containerPort": 80}],
        "env": [{"name": "A", "value": "1"}],
    }
    volumes = [{"name": "v", "emptyDir": {"medium": "Memory"}}]
    template = {"metadata": {"labels": {"app": "d"}}, "spec": {"volumes": volumes, "containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default", "labels": {"a": "b"}, "annotations": {"x": "y"}},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "d"}}, "template": template},
    }


def read(request: Request, name: str) -> Object:
    """Return the real object."""
    found: Object = json.loads(request("get", "deployment", name, "-o", "json", "--show-managed-fields").stdout)
    return found


def owners(value: Object) -> list[Object]:
    """Return the managed fields without their times."""
    entries = [
        {key: item for key, item in each.items() if key != "time"} for each in value["metadata"]["managedFields"]
    ]
    return sorted(entries, key=lambda each: (each["manager"], each["operation"]))


def applied(live: Object | None, config: Object, *, force: bool = False) -> Object:
    """Apply as ``helm``."""
    return managedfields.apply(live, config, manager="helm", force=force, schema=SCHEMA, now=NOW)


APPLY = ("apply", "--server-side", "--field-manager=helm", "-f", "-")


def test_ownership_through_a_life(request_real: Request) -> None:
    """Create, another's change, conflict, takeover and removal leave the same owners and the same message."""
    config = deployment("one")
    request_real(*APPLY, value=config)
    live = read(request_real, "one")
    assert owners(applied(None, config)) == owners(live)

    change = {
        "metadata": {"labels": {"new": "1"}},
        "spec": {"replicas": 3, "template": {"spec": {"hostNetwork": True}}},
    }
    request_real("patch", "deployment", "one", "--field-manager=editor", "--type=merge", "-p", json.dumps(change))
    edited = read(request_real, "one")
    ours = managedfields.update(
        live,
        {**deep_copy(edited), "metadata": {**edited["metadata"], "managedFields": live["metadata"]["managedFields"]}},
        manager="editor",
        schema=SCHEMA,
        now=NOW,
    )
    assert owners(ours) == owners(edited)

    wanted = deep_copy(config)
    wanted["spec"]["template"]["spec"]["hostNetwork"] = False
    with pytest.raises(ApplyConflict) as caught:
        applied(edited, wanted)
    assert request_real(*APPLY, value=wanted).stderr.startswith(f"error: {caught.value}\n")

    forced = deep_copy(config)
    del forced["metadata"]["annotations"]
    del forced["spec"]["template"]["spec"]["volumes"]
    forced["spec"]["template"]["spec"]["containers"].append({"name": "s", "image": "s"})
    forced["spec"]["minReadySeconds"] = 3
    request_real(*APPLY, "--force-conflicts", value=forced)
    taken = read(request_real, "one")
    assert owners(applied(edited, forced, force=True)) == owners(taken)

    dropped = deep_copy(forced)
    del dropped["spec"]["minReadySeconds"]
    dropped["spec"]["template"]["spec"]["containers"].pop()
    request_real(*APPLY, value=dropped)
    final = read(request_real, "one")
    ours = applied(taken, dropped)
    assert owners(ours) == owners(final)
    assert ours["spec"].keys() == final["spec"].keys()
    containers = (each["spec"]["template"]["spec"]["containers"] for each in (ours, final))
    assert next(containers) == next(containers)


def test_ownership_of_what_is_posted(request_real: Request) -> None:
    """Whoever creates an object owns everything, defaults too."""
    request_real("create", "--field-manager=poster", "-f", "-", value=deployment("two"))
    live = read(request_real, "two")
    bare = {**live, "metadata": {key: value for key, value in live["metadata"].items() if key != "managedFields"}}
    bare.pop("status")
    ours = managedfields.update(None, bare, manager="poster", schema=SCHEMA, now=NOW)
    assert owners(ours) == owners(live)
