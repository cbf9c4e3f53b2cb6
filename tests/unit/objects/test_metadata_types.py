"""Metadata of wrong types is told in the words of Go's JSON decoder."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.objects.metadata_types import metadata_problem

WRONG = "json: cannot unmarshal {} into Go struct field {} of type {}"


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        ({"name": 5}, WRONG.format("number", "ObjectMeta.metadata.name", "string")),
        ({"name": True}, WRONG.format("bool", "ObjectMeta.metadata.name", "string")),
        ({"labels": {"b": "x", "a": 1.5}}, WRONG.format("number", "ObjectMeta.metadata.labels", "string")),
        ({"labels": ["a"]}, WRONG.format("array", "ObjectMeta.metadata.labels", "map[string]string")),
        ({"annotations": {"a": {}}}, WRONG.format("object", "ObjectMeta.metadata.annotations", "string")),
        ({"finalizers": [1]}, WRONG.format("number", "ObjectMeta.metadata.finalizers", "string")),
        ({"finalizers": "a"}, WRONG.format("string", "ObjectMeta.metadata.finalizers", "[]string")),
        ({"generation": 1.5}, WRONG.format("number 1.5", "ObjectMeta.metadata.generation", "int64")),
        ({"uid": 5}, WRONG.format("number", "ObjectMeta.metadata.uid", "types.UID")),
        (
            {"ownerReferences": [{"name": 5}]},
            WRONG.format("number", "OwnerReference.metadata.ownerReferences.name", "string"),
        ),
        (
            {"creationTimestamp": "x"},
            'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
        ),
        ({"creationTimestamp": 5}, WRONG.format("number", "ObjectMeta.metadata.creationTimestamp", "string")),
        ("text", WRONG.format("string", "metadataOnlyObject.metadata", "v1.ObjectMeta")),
        # The first key counts.
        ({"name": 5, "labels": {"a": 1}}, WRONG.format("number", "ObjectMeta.metadata.labels", "string")),
    ],
)
def test_problem(metadata: Any, problem: str) -> None:
    """The text is what Helm prints (recorded from 3.16.4 and 4.3.1)."""
    assert metadata_problem({"metadata": metadata}) == problem


@pytest.mark.parametrize(
    "metadata",
    [None, {}, {"labels": None, "annotations": {"a": None}}, {"creationTimestamp": None, "generation": 2, "other": 5}],
)
def test_nothing_wrong(metadata: Any) -> None:
    """What Go takes, null among it, is taken."""
    assert metadata_problem({"metadata": metadata}) == ""
