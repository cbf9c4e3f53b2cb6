"""Merge keys and list types are known for Kubernetes' kinds and read from custom definitions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pilothouse.objects.copying import deep_copy
from pilothouse.objects.schemas import UNTYPED, custom_schema, key_default, schema_of


def test_built_in_kinds() -> None:
    """Keys, strategies and atomic types are found along a path."""
    deployment = schema_of("apps/v1", "Deployment")
    assert deployment is not None
    pod = deployment.field("spec").field("template").field("spec")
    containers = pod.field("containers")
    assert (containers.list_type, containers.map_keys, containers.merge_key) == ("map", ("name",), "name")
    ports = containers.element().field("ports")
    assert ports.map_keys == ("containerPort", "protocol")
    assert key_default(ports, "protocol") == "TCP"
    assert pod.field("volumes").patch_strategies == ("merge", "retainKeys")
    assert deployment.field("spec").field("selector").map_type == "atomic"
    assert containers.element().field("args").list_type == "atomic"
    assert deployment.field("metadata").field("finalizers").list_type == "set"
    assert deployment.field("metadata").field("labels").map_type == "granular"


def test_old_groups_merge_as_their_successors() -> None:
    """A kind that moved keeps its keys; one that never was has none."""
    assert schema_of("extensions/v1beta1", "Ingress") is not None
    assert schema_of("apps/v1beta2", "StatefulSet") is not None
    assert schema_of("example.com/v1", "Thing") is None


def test_custom_definitions() -> None:
    """What a definition does not declare is untyped; its metadata is that of every object."""
    schema = custom_schema(
        {"properties": {"spec": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {}}}}
    )
    assert schema.field("spec").map_type == "atomic"
    assert schema.field("other") is UNTYPED
    assert schema.field("metadata").field("ownerReferences").map_keys == ("uid",)


def test_copies_share_nothing() -> None:
    """Changing a copy leaves the original alone."""
    original = {"a": [{"b": 1}], "c": {"d": []}}
    copy = deep_copy(original)
    copy["a"][0]["b"] = 2
    copy["c"]["d"].append(1)
    assert original == {"a": [{"b": 1}], "c": {"d": []}}


def test_the_table_is_up_to_date() -> None:
    """What the generator writes is what is on disk."""
    pytest.importorskip("kubernetes_validate")
    script = Path(__file__).resolve().parents[3] / "scripts" / "generate-merge-keys"
    subprocess.run([sys.executable, str(script), "--check"], check=True, timeout=180)
