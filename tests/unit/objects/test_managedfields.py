"""Server-side apply: fields have owners, owners have conflicts, and what nobody applies any longer goes."""

from __future__ import annotations

import pytest

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects import fieldpaths, managedfields
from pilothouse.objects.copying import deep_copy
from pilothouse.objects.errors import ApplyConflict
from pilothouse.objects.schemas import UNTYPED, Schema, custom_schema, schema_of

NOW, LATER = "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"


def deployment_schema() -> Schema:
    """The schema of Deployments."""
    found = schema_of("apps/v1", "Deployment")
    assert found is not None
    return found


SCHEMA = deployment_schema()


def deployment(**spec: YamlValue) -> dict[str, YamlValue]:
    """Return a configuration."""
    ports = [{"containerPort": 80}]
    template = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "c", "image": "x:1", "ports": ports}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": {"l": "1"}},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template, **spec},
    }


def applied(
    live: dict[str, YamlValue] | None, config: dict[str, YamlValue], **options: YamlValue
) -> dict[str, YamlValue]:
    """Apply as ``helm`` unless told otherwise."""
    return managedfields.apply(
        live,
        config,
        manager=options.get("manager", "helm"),
        force=options.get("force", False),
        schema=options.get("schema", SCHEMA),
        now=options.get("now", NOW),
    )


def edited(live: dict[str, YamlValue], manager: str, **spec: YamlValue) -> dict[str, YamlValue]:
    """Update some fields of the spec."""
    new = deep_copy(live)
    new["spec"].update(spec)
    return managedfields.update(live, new, manager=manager, schema=SCHEMA, now=NOW)


def test_applied_fields_are_owned() -> None:
    """The entry is written as the API server writes it."""
    live = applied(None, deployment(replicas=1))
    assert live["metadata"]["managedFields"] == [
        {
            "manager": "helm",
            "operation": "Apply",
            "apiVersion": "apps/v1",
            "time": NOW,
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:metadata": {"f:labels": {"f:l": {}}},
                "f:spec": {
                    "f:replicas": {},
                    "f:selector": {},
                    "f:template": {
                        "f:metadata": {"f:labels": {"f:a": {}}},
                        "f:spec": {
                            "f:containers": {
                                'k:{"name":"c"}': {
                                    ".": {},
                                    "f:image": {},
                                    "f:name": {},
                                    "f:ports": {
                                        'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}}
                                    },
                                }
                            }
                        },
                    },
                },
            },
        }
    ]


def test_a_conflict_names_manager_and_field() -> None:
    """The message is the API server's, for one conflict and for several."""
    live = edited(applied(None, deployment(replicas=1)), "kubectl-edit", replicas=3)
    with pytest.raises(ApplyConflict) as caught:
        applied(live, deployment(replicas=1))
    assert str(caught.value) == (
        'Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas'
    )
    assert caught.value.conflicts == (('conflict with "kubectl-edit" using apps/v1', ".spec.replicas"),)
    live = edited(live, "kubectl-edit", paused=True)
    with pytest.raises(ApplyConflict) as caught:
        applied(live, deployment(replicas=1, paused=False))
    assert str(caught.value) == (
        'Apply failed with 2 conflicts: conflicts with "kubectl-edit" using apps/v1:\n- .spec.paused\n- .spec.replicas'
    )


def test_force_takes_over() -> None:
    """The other manager loses the field, and its entry when nothing is left."""
    live = edited(applied(None, deployment(replicas=1)), "kubectl-edit", replicas=3)
    forced = applied(live, deployment(replicas=1), force=True)
    assert forced["spec"]["replicas"] == 1
    assert [each["manager"] for each in forced["metadata"]["managedFields"]] == ["helm"]


def test_equal_values_are_shared() -> None:
    """Applying what is there already is no conflict; both own it, and it stays until both let go."""
    live = applied(None, deployment(replicas=1))
    shared = applied(live, {**deployment(), "spec": {"replicas": 1}}, manager="other")
    assert len(shared["metadata"]["managedFields"]) == 2
    assert applied(shared, deployment())["spec"]["replicas"] == 1
    assert (
        "replicas" not in applied(applied(shared, deployment()), {**deployment(), "spec": {}}, manager="other")["spec"]
    )


def test_what_is_no_longer_applied_goes() -> None:
    """Fields and list items that were applied before and are not now are removed, defaults below them too."""
    config = deployment(replicas=1, strategy={"type": "Recreate"})
    config["spec"]["template"]["spec"]["containers"].append({"name": "side", "image": "s"})
    live = applied(None, config)
    live["spec"]["strategy"]["rollingUpdate"] = {"maxSurge": 1}
    result = applied(live, deployment())
    assert "replicas" not in result["spec"]
    assert "strategy" not in result["spec"]
    assert [each["name"] for each in result["spec"]["template"]["spec"]["containers"]] == ["c"]


def test_others_items_stay_in_their_place() -> None:
    """A container that another manager added is neither removed nor moved."""
    live = applied(None, deployment())
    new = deep_copy(live)
    new["spec"]["template"]["spec"]["containers"].insert(0, {"name": "proxy", "image": "p"})
    live = managedfields.update(live, new, manager="injector", schema=SCHEMA, now=NOW)
    result = applied(live, deployment(replicas=2))
    assert [each["name"] for each in result["spec"]["template"]["spec"]["containers"]] == ["proxy", "c"]


def test_nothing_changes_when_nothing_changed() -> None:
    """Applying the same again leaves even the time alone."""
    live = applied(None, deployment(replicas=1))
    assert applied(live, deployment(replicas=1), now=LATER) == live


def test_objects_without_owners_get_one_before_the_first_apply() -> None:
    """What was there before apply was used belongs to ``before-first-apply``."""
    live = deployment(replicas=1)
    with pytest.raises(ApplyConflict, match='conflict with "before-first-apply" using apps/v1'):
        applied(live, deployment(replicas=2))


def test_updates_own_what_they_change() -> None:
    """Creating by POST owns everything, with dots for the maps that came to be."""
    live = managedfields.update(None, deployment(replicas=1), manager="curl", schema=SCHEMA, now=NOW)
    (entry,) = live["metadata"]["managedFields"]
    assert entry["operation"] == "Update"
    assert entry["fieldsV1"]["f:metadata"] == {"f:labels": {".": {}, "f:l": {}}}
    assert entry["fieldsV1"]["f:spec"]["f:template"]["f:metadata"] == {"f:labels": {".": {}, "f:a": {}}}
    status = deep_copy(live)
    status["status"] = {"replicas": 1}
    after = managedfields.update(live, status, manager="c", schema=SCHEMA, now=NOW, subresource="status")
    assert after["metadata"]["managedFields"][0]["subresource"] == "status"


def test_empty_managed_fields_forget_all_owners() -> None:
    """A client may clear them."""
    live = applied(None, deployment())
    new = deep_copy(live)
    new["metadata"]["managedFields"] = [{}]
    assert "managedFields" not in managedfields.update(live, new, manager="x", schema=SCHEMA, now=NOW)["metadata"]


def test_custom_resources_merge_by_their_schema() -> None:
    """Lists are atomic unless the definition says otherwise."""
    definition = {
        "properties": {
            "spec": {
                "properties": {
                    "rules": {"type": "array", "items": {"properties": {}}},
                    "parts": {
                        "type": "array",
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": ["id"],
                        "items": {"properties": {"id": {"type": "string"}}},
                    },
                }
            }
        }
    }
    config = {
        "apiVersion": "e.com/v1",
        "kind": "T",
        "metadata": {"name": "t"},
        "spec": {"rules": [{}], "parts": [{"id": "a"}]},
    }
    live = applied(None, config, schema=custom_schema(definition))
    assert live["metadata"]["managedFields"][0]["fieldsV1"] == {
        "f:spec": {"f:rules": {}, "f:parts": {'k:{"id":"a"}': {".": {}, "f:id": {}}}}
    }


def test_client_side_entries_are_migrated() -> None:
    """Updates of the manager become its apply entry."""
    created = managedfields.update(None, deployment(), manager="helm", schema=SCHEMA, now=NOW)
    created["metadata"]["resourceVersion"] = "7"
    patch = managedfields.migration_patch(created, client_side="helm", server_side="helm")
    assert patch is not None
    assert patch[0]["path"] == "/metadata/managedFields"
    assert [(each["manager"], each["operation"]) for each in patch[0]["value"]] == [("helm", "Apply")]
    assert patch[1] == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}
    live = {**created, "metadata": {**created["metadata"], "managedFields": patch[0]["value"]}}
    assert "labels" not in applied(live, {**deployment(), "metadata": {"name": "web"}})["metadata"]
    assert managedfields.migration_patch(live, client_side="helm", server_side="helm") is None


def test_field_sets_survive_their_encoding() -> None:
    """FieldsV1 is read back as it was written."""
    fields = fieldpaths.fields_of({"a": {"b": [1], "c": {}}, "d": None}, UNTYPED)
    assert fieldpaths.decode(fieldpaths.encode(fields)) == fields
    path = ("f:spec", "f:containers", 'k:{"name":"c"}', "f:image")
    assert fieldpaths.path_text(path) == '.spec.containers[name="c"].image'


@pytest.mark.parametrize("fields", [5, [5], {"f:spec": 5}])
def test_managed_fields_that_cannot_be_read_change_nothing(fields: YamlValue) -> None:
    """A write that gives rubbish keeps the owners there were, and a new object has only its writer as owner."""
    rubbish = [{"manager": "a", "operation": "Update", "fieldsV1": fields}]
    live = managedfields.update(None, deployment(), manager="first", schema=SCHEMA, now=NOW)
    given = {**live, "metadata": {**live["metadata"], "managedFields": rubbish}}
    written = managedfields.update(live, given, manager="second", schema=SCHEMA, now=LATER)
    assert written["metadata"]["managedFields"] == live["metadata"]["managedFields"]
    fresh = deployment()
    fresh["metadata"]["managedFields"] = rubbish
    made = managedfields.update(None, fresh, manager="first", schema=SCHEMA, now=NOW)
    assert made["metadata"]["managedFields"] == live["metadata"]["managedFields"]
