"""Objects against the schemas of an old server, in kubectl's words."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.kube.validation import Validator

DEFINITIONS: dict[str, Any] = {
    "io.Deployment": {
        "type": "object",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "spec": {"$ref": "#/definitions/io.Spec"},
        },
        "x-kubernetes-group-version-kind": [{"group": "apps", "version": "v1", "kind": "Deployment"}],
    },
    "io.Spec": {
        "properties": {
            "replicas": {"type": "integer"},
            "paused": {"type": "boolean"},
            "name": {"type": "string"},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "containers": {"type": "array", "items": {"$ref": "#/definitions/io.Container"}},
            "anything": {},
        },
    },
    "io.Container": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
}
TYPE = 'ValidationError(Deployment.spec.{0}): invalid type for io.Spec.{0}: got "{1}", expected "{2}"'


@pytest.mark.parametrize(
    ("spec", "problems"),
    [
        ({"replicas": 1, "paused": True, "name": 7, "labels": {"a": "b"}, "anything": [1, {}]}, []),
        ({"replicas": None}, []),
        ({"size": 1}, ['ValidationError(Deployment.spec): unknown field "size" in io.Spec']),
        ({"replicas": "x"}, [TYPE.format("replicas", "string", "integer")]),
        ({"replicas": True}, [TYPE.format("replicas", "boolean", "integer")]),
        ({"name": []}, [TYPE.format("name", "array", "string")]),
        ({"containers": {}}, [TYPE.format("containers", "map", "array")]),
        ({"labels": "x"}, [TYPE.format("labels", "string", "map")]),
        (
            {"containers": [{}, None]},
            [
                'ValidationError(Deployment.spec.containers[0]): missing required field "name" in io.Container',
                (
                    'ValidationError(Deployment.spec.containers): unknown object type "nil" in '
                    "Deployment.spec.containers[1]"
                ),
            ],
        ),
    ],
)
def test_problems_are_named_as_kubectl_names_them(spec: Any, problems: list[str]) -> None:
    """Each has the place in the object and in the schemas."""
    document = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": spec}
    assert Validator(DEFINITIONS).problems(document) == problems


def test_unknown_kinds_are_let_through() -> None:
    """Custom resources have no schema here."""
    assert Validator(DEFINITIONS).problems({"apiVersion": "a/v1", "kind": "B", "x": 1}) == []


def test_required_fields() -> None:
    """They are missed at the top as well."""
    assert Validator(DEFINITIONS).problems({"apiVersion": "apps/v1", "kind": "Deployment"}) == [
        'ValidationError(Deployment): missing required field "spec" in io.Deployment'
    ]
