"""Strategic merge patches merge lists by key, in order, as kubectl and the API server do."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.errors import PatchError
from pilothouse.objects.patches import strategic
from pilothouse.objects.schemas import Schema, is_known, schema_of


def deployment_schema() -> Schema:
    """The schema of Deployments."""
    found = schema_of("apps/v1", "Deployment")
    assert found is not None
    return found


SCHEMA = deployment_schema()


def deployment(*containers: YamlValue, **spec: YamlValue) -> dict[str, YamlValue]:
    """Return a Deployment with these containers."""
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": list(containers), **spec}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "finalizers": ["a/x", "a/y"]},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": template},
    }


WEB = {
    "name": "web",
    "image": "web:1",
    "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
    "ports": [{"containerPort": 80, "protocol": "TCP"}],
    "args": ["x", "y"],
}
SIDE = {"name": "side", "image": "side:1"}
NEW = {"name": "new", "image": "new:1"}
VOLUME = {"name": "v", "emptyDir": {}}


def test_three_way_keeps_what_others_added() -> None:
    """A container that only the live object has stays; one that the manifest dropped goes."""
    injected = {"name": "injected", "image": "proxy:1"}
    old, new = deployment(WEB, SIDE), deployment(NEW, {**WEB, "image": "web:2", "env": [{"name": "B", "value": "2"}]})
    live = deployment({**WEB, "imagePullPolicy": "Always"}, SIDE, injected)
    live["spec"]["replicas"] = 5
    patch = strategic.create_three_way(old, new, live, SCHEMA)
    result = strategic.apply(live, patch, SCHEMA)
    containers = result["spec"]["template"]["spec"]["containers"]
    assert [each["name"] for each in containers] == ["new", "web", "injected"]
    assert containers[1]["image"] == "web:2"
    assert containers[1]["imagePullPolicy"] == "Always"
    assert containers[1]["env"] == [{"name": "B", "value": "2"}]
    assert result["spec"]["replicas"] == 1


def test_three_way_directives_are_those_of_go() -> None:
    """The patch holds delete directives, orders and retained keys where Go writes them."""
    old = deployment(WEB, SIDE, volumes=[VOLUME])
    new = deployment(WEB, volumes=[{"name": "v", "configMap": {"name": "c"}}])
    assert strategic.create_three_way(old, new, old, SCHEMA) == {
        "spec": {
            "template": {
                "spec": {
                    "$setElementOrder/containers": [{"name": "web"}],
                    "containers": [{"$patch": "delete", "name": "side"}],
                    "$setElementOrder/volumes": [{"name": "v"}],
                    "volumes": [
                        {
                            "$retainKeys": ["configMap", "name"],
                            "configMap": {"name": "c"},
                            "emptyDir": None,
                            "name": "v",
                        }
                    ],
                }
            }
        }
    }


def test_no_change_is_an_empty_patch() -> None:
    """Equal states need no request."""
    same = deployment(WEB, SIDE, volumes=[VOLUME])
    assert strategic.create_three_way(same, same, same, SCHEMA) == {}
    assert strategic.create_two_way(same, same, SCHEMA) == {}


def test_lists_of_scalars_that_merge() -> None:
    """Finalizers are added and removed one by one."""
    old, new = deployment(WEB), deployment(WEB)
    new["metadata"]["finalizers"] = ["a/z", "a/x"]
    patch = strategic.create_two_way(old, new, SCHEMA)
    assert patch == {
        "metadata": {
            "finalizers": ["a/z"],
            "$deleteFromPrimitiveList/finalizers": ["a/y"],
            "$setElementOrder/finalizers": ["a/z", "a/x"],
        }
    }
    assert strategic.apply(old, patch, SCHEMA) == new


def test_a_list_item_without_its_key_is_refused() -> None:
    """The message names the key."""
    with pytest.raises(PatchError, match="does not contain declared merge key: name"):
        strategic.create_two_way(deployment(WEB), deployment({"image": "x"}), SCHEMA)


def test_kinds_that_clients_know() -> None:
    """Custom resources and CRDs are patched otherwise."""
    assert is_known("apps/v1", "Deployment")
    assert is_known("extensions/v1beta1", "Deployment")
    assert not is_known("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    assert not is_known("example.com/v1", "Deployment")


PATCHES: list[YamlValue] = [
    {"spec": {"replicas": None}},
    {"spec": {"template": {"spec": {"containers": [{"name": "web", "env": [{"name": "C", "value": "3"}]}, NEW]}}}},
    {"spec": {"template": {"spec": {"containers": [{"name": "side", "$patch": "delete"}]}}}},
    {"spec": {"template": {"spec": {"containers": [{"$patch": "replace"}, NEW]}}}},
    {"spec": {"template": {"$patch": "replace", "spec": {"containers": [NEW]}}}},
    {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a/x"], "finalizers": ["a/z"]}},
    {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
    {"spec": {"template": {"spec": {"$setElementOrder/containers": [{"name": "side"}, {"name": "web"}]}}}},
    {
        "spec": {
            "template": {
                "spec": {
                    "$setElementOrder/containers": [{"name": "new"}, {"name": "side"}],
                    "containers": [NEW, {"name": "web", "$patch": "delete"}],
                }
            }
        }
    },
    {
        "spec": {
            "template": {"spec": {"containers": [{"name": "web", "args": ["z"], "ports": [{"containerPort": 81}]}]}}
        }
    },
    {
        "spec": {
            "template": {"spec": {"nodeSelector": {"a": None, "b": "c"}, "volumes": [{"name": "w", "emptyDir": {}}]}}
        }
    },
]


@pytest.mark.oracle
@pytest.mark.parametrize("number", range(len(PATCHES)))
def test_application_is_that_of_kubectl(number: int, kubectl: str, tmp_path: Path) -> None:
    """``kubectl patch --local`` gives the same object."""
    original = deployment(WEB, SIDE, volumes=[VOLUME])
    original["spec"]["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}
    path = tmp_path / "object.json"
    path.write_text(json.dumps(original))
    command = [kubectl, "patch", "-f", str(path), "--local", "--type=strategic", "-o", "json"]
    done = subprocess.run([*command, "-p", json.dumps(PATCHES[number])], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    expected = json.loads(done.stdout)
    result = strategic.apply(original, PATCHES[number], SCHEMA)
    for target in (expected, result):
        target.pop("status", None)
        target["spec"]["template"]["metadata"] = {"labels": {}}
        target["spec"].setdefault("strategy", {})
        for each in target["spec"]["template"]["spec"]["containers"]:
            each.setdefault("resources", {})
    assert result == expected


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        (
            {"spec": {"template": {"spec": {"$setElementOrder/containers": 5}}}},
            r"expected a \[\]interface \{\}.* int64",
        ),
        ({"metadata": {"$setElementOrder/finalizers": {}}}, r"received a map\[string\]interface \{\}"),
        (
            {"spec": {"template": {"spec": {"$setElementOrder/containers": ["a"], "containers": [{"name": "b"}]}}}},
            r"expected a map\[string\]interface \{\}, but received a string",
        ),
    ],
)
def test_wrong_types_are_named_as_go_names_them(patch: dict[str, YamlValue], message: str) -> None:
    """The message of a malformed patch is the API server's."""
    with pytest.raises(PatchError, match=message):
        strategic.apply(deployment({"name": "b"}), patch, SCHEMA)
