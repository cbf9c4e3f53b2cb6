"""Which existing objects a release may take over."""

from __future__ import annotations

import pytest

from pilothouse.golang.kinds import YamlValue
from pilothouse.plan.errors import NotOwned
from pilothouse.plan.ownership import ownership_problems, require_ownership
from pilothouse.plan.resources import Resource, absent_from
from pilothouse.records import Record


class Kind(Record):
    """How objects of one kind are addressed."""

    group: str = ""
    version: str = "v1"
    kind: str = "ConfigMap"
    plural: str = "configmaps"
    namespaced: bool = True


def resource(name: str = "settings", **metadata: YamlValue) -> Resource:
    """Return a ConfigMap."""
    return Resource(
        mapping=Kind(),
        namespace="shop",
        name=name,
        object={"kind": "ConfigMap", "metadata": {"name": name, **metadata}},
    )


def test_an_owned_object_is_accepted() -> None:
    """What a release owns it may change."""
    owned = resource(labels={"tier": "back"}).owned_by("web", "shop")
    assert ownership_problems(owned.object, "web", "shop") == []
    assert owned.object["metadata"]["labels"] == {"tier": "back", "app.kubernetes.io/managed-by": "Helm"}
    require_ownership(owned, owned.object, "web", "shop")


def test_a_foreign_object_is_refused_in_helms_words() -> None:
    """The error names each label and annotation that is missing or says something else."""
    live = resource(annotations={"meta.helm.sh/release-name": "other"}).object
    with pytest.raises(NotOwned) as caught:
        require_ownership(resource(), live, "web", "shop")
    assert caught.value.message == (
        'ConfigMap "settings" in namespace "shop" exists and cannot be imported into the current release: '
        'invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set '
        'to "Helm"; annotation validation error: key "meta.helm.sh/release-name" must equal "web": current value is '
        '"other"; annotation validation error: missing key "meta.helm.sh/release-namespace": must be set to "shop"'
    )


def test_owning_does_not_change_the_original() -> None:
    """The rendered object stays as it was rendered."""
    plain = resource()
    plain.owned_by("web", "shop")
    assert "labels" not in plain.object["metadata"]


def test_absent_objects_are_found_by_group_kind_and_name() -> None:
    """An object that moved to another version of its group is not absent."""
    moved = Resource(mapping=Kind(version="v2"), namespace="shop", name="a", object={})
    gone = resource("gone")
    assert absent_from([resource("a"), gone], [moved]) == [gone]
