"""Objects tell their names, whatever shape they have."""

from __future__ import annotations

from pilothouse.objects.identity import labels_of, name_of, split_api_version


def test_group_and_version_are_told_apart() -> None:
    """The core group has no name."""
    assert split_api_version("v1") == ("", "v1")
    assert split_api_version("apps/v1") == ("apps", "v1")


def test_odd_objects_have_empty_names() -> None:
    """Metadata of a wrong type is no metadata."""
    assert name_of({"metadata": "x"}) == ""
    assert name_of({"metadata": {"name": 3}}) == ""
    assert labels_of({"metadata": {"labels": None}}) == {}
