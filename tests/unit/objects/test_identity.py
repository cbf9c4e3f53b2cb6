"""Objects tell their names, whatever shape they have."""

from __future__ import annotations

from pilothouse.objects.identity import (
    GroupVersionKind,
    ObjectKey,
    group_version_kind,
    labels_of,
    name_of,
    object_key,
    split_api_version,
)


def test_the_key_ignores_the_version() -> None:
    """Two versions of one object have the same key."""
    old = {"apiVersion": "apps/v1beta1", "kind": "Deployment", "metadata": {"name": "a", "namespace": "n"}}
    new = {**old, "apiVersion": "apps/v1"}
    assert object_key(old) == object_key(new) == ObjectKey("apps", "Deployment", "n", "a")
    assert object_key({"kind": "Pod", "metadata": {"name": "a"}}, "web") == ObjectKey("", "Pod", "web", "a")


def test_group_version_and_kind_are_read_and_written() -> None:
    """The core group has no name."""
    assert split_api_version("v1") == ("", "v1")
    found = group_version_kind({"apiVersion": "apps/v1", "kind": "Deployment"})
    assert found == GroupVersionKind("apps", "v1", "Deployment")
    assert found.api_version == "apps/v1"
    assert str(found) == "apps/v1, Kind=Deployment"


def test_odd_objects_have_empty_names() -> None:
    """Metadata of a wrong type is no metadata."""
    assert name_of({"metadata": "x"}) == ""
    assert name_of({"metadata": {"name": 3}}) == ""
    assert labels_of({"metadata": {"labels": None}}) == {}
