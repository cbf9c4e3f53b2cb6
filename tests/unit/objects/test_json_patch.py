"""JSON patches do as RFC 6902 says, and fail in the words of the API server's library."""

from __future__ import annotations

import pytest

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.errors import PatchError, PatchTestError
from pilothouse.objects.patches import json_patch


@pytest.mark.parametrize(
    ("document", "patch", "expected"),
    [
        ({"a": 1}, [{"op": "add", "path": "/b", "value": [1]}], {"a": 1, "b": [1]}),
        ({"a": [1, 3]}, [{"op": "add", "path": "/a/1", "value": 2}], {"a": [1, 2, 3]}),
        ({"a": [1]}, [{"op": "add", "path": "/a/-", "value": 2}], {"a": [1, 2]}),
        ({"a": {"b/c": 1}}, [{"op": "remove", "path": "/a/b~1c"}], {"a": {}}),
        ({"a": 1}, [{"op": "replace", "path": "/a", "value": None}], {"a": None}),
        ({"a": 1}, [{"op": "move", "from": "/a", "path": "/b"}], {"b": 1}),
        ({"a": {"x": 1}}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": {"x": 1}, "b": {"x": 1}}),
        ({"a": 1}, [{"op": "test", "path": "/a", "value": 1}, {"op": "remove", "path": "/a"}], {}),
    ],
)
def test_operations(document: YamlValue, patch: list[YamlValue], expected: YamlValue) -> None:
    """Each operation changes a copy, never its argument."""
    before = repr(document)
    assert json_patch.apply(document, patch) == expected
    assert repr(document) == before


def test_failures() -> None:
    """What cannot be done is told; a failed test is told apart."""
    with pytest.raises(PatchTestError, match="testing value /a failed: test failed"):
        json_patch.apply({"a": 1}, [{"op": "test", "path": "/a", "value": True}])
    with pytest.raises(PatchError, match="replace operation does not apply: doc is missing key: /b: missing value"):
        json_patch.apply({}, [{"op": "replace", "path": "/b", "value": 1}])
    with pytest.raises(PatchError, match='add operation does not apply: doc is missing path: "/a/b": missing value'):
        json_patch.apply({}, [{"op": "add", "path": "/a/b", "value": 1}])
    with pytest.raises(PatchError, match="Unable to remove nonexistent key: b: missing value"):
        json_patch.apply({}, [{"op": "remove", "path": "/b"}])
    with pytest.raises(PatchError, match="Unexpected kind: x"):
        json_patch.apply({}, [{"op": "x", "path": "/b"}])


@pytest.mark.parametrize("operation", [{"path": "/b"}, {"op": ["add"], "path": "/b"}, {"op": None}])
def test_an_operation_without_a_name_is_refused(operation: YamlValue) -> None:
    """What is no text names no operation."""
    with pytest.raises(PatchError, match="Unexpected kind: unknown"):
        json_patch.apply({}, [operation])
