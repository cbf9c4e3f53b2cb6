"""Plans, built from hand-made objects."""

from __future__ import annotations

import pytest

from pilothouse.plan.build import check_settings, plan_install, plan_removal, plan_rollback, plan_upgrade
from pilothouse.plan.errors import InvalidPlan
from pilothouse.plan.operations import (
    Apply,
    ApplySettings,
    AwaitReady,
    Delete,
    EnsureNamespace,
    Plan,
    RecordRelease,
    RecordRevision,
    RunHooks,
    SupersedeDeployed,
)
from pilothouse.plan.resources import Resource
from pilothouse.records import Record
from pilothouse.releases.release import DEPLOYED, PENDING_INSTALL, SUPERSEDED, UNINSTALLING, Release, ReleaseInfo

RELEASE = Release(name="web", namespace="shop", info=ReleaseInfo(description="Rollback to 1"))
SETTINGS = ApplySettings()


class Kind(Record):
    """How objects of one kind are addressed."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True


CONFIG_MAP = Kind(group="", version="v1", kind="ConfigMap", plural="configmaps")
DEPLOYMENT = Kind(group="apps", version="v1", kind="Deployment", plural="deployments")


def resource(kind: Kind, name: str) -> Resource:
    """Return an object with nothing but its name."""
    return Resource(mapping=kind, namespace="shop", name=name, object={"metadata": {"name": name}})


def stage_ids(plan: Plan) -> list[str]:
    """Return the ids of a plan's stages."""
    return [stage.id for stage in plan.stages]


def operations(plan: Plan, stage_id: str) -> list[str]:
    """Return the ids of the operations of one stage."""
    return [operation.id for stage in plan.stages if stage.id == stage_id for operation in stage.operations]


def test_an_installation_is_recorded_before_anything_is_applied() -> None:
    """The pending record comes first, hooks surround the objects, the deployed record comes last."""
    plan = plan_install(RELEASE, [resource(CONFIG_MAP, "a"), resource(DEPLOYMENT, "b")], [], SETTINGS)
    assert stage_ids(plan) == ["record", "pre-install", "apply", "wait", "post-install", "finish"]
    first = plan.stages[0].operations[0]
    assert isinstance(first, RecordRelease)
    assert (first.status, first.create) == (PENDING_INSTALL, True)
    last = plan.stages[-1].operations[-1]
    assert isinstance(last, RecordRelease)
    assert (last.status, last.description) == (DEPLOYED, "Install complete")
    assert operations(plan, "apply") == ["apply/ConfigMap/shop/a", "apply/Deployment.apps/shop/b"]


def test_objects_of_an_installation_are_created_unless_some_are_adopted() -> None:
    """Without existing objects nothing is looked up first; with them every object is."""
    made = plan_install(RELEASE, [resource(CONFIG_MAP, "a")], [], SETTINGS)
    adopted = plan_install(RELEASE, [resource(CONFIG_MAP, "a")], [resource(CONFIG_MAP, "a")], SETTINGS)
    for plan, create in ((made, True), (adopted, False)):
        (apply,) = next(stage for stage in plan.stages if stage.id == "apply").operations
        assert isinstance(apply, Apply)
        assert apply.create is create
        assert (apply.previous is None) is create


def test_no_hooks_leaves_their_stages_out() -> None:
    """Without hooks a plan has no stage for them."""
    plan = plan_install(RELEASE, [resource(CONFIG_MAP, "a")], [], SETTINGS, no_hooks=True)
    assert not any(isinstance(operation, RunHooks) for stage in plan.stages for operation in stage.operations)


def test_namespace_and_replaced_revision_come_before_the_record() -> None:
    """What the record needs is done before it."""
    plan = plan_install(RELEASE, [], [], SETTINGS, create_namespace=True, replaced=RELEASE)
    assert [type(operation) for operation in plan.stages[0].operations] == [
        EnsureNamespace,
        RecordRevision,
        RecordRelease,
    ]
    assert "wait" not in stage_ids(plan)


def test_an_upgrade_updates_creates_and_deletes() -> None:
    """Objects of both revisions are updated, new ones created, dropped ones deleted unless their policy keeps them."""
    originals = [resource(CONFIG_MAP, "kept"), resource(CONFIG_MAP, "dropped")]
    targets = [resource(CONFIG_MAP, "kept"), resource(CONFIG_MAP, "new")]
    plan = plan_upgrade(RELEASE.replace(revision=2), RELEASE, originals, targets, SETTINGS, history_max=3)
    apply = next(stage for stage in plan.stages if stage.id == "apply")
    assert [operation.id for operation in apply.operations] == [
        "apply/ConfigMap/shop/kept",
        "apply/ConfigMap/shop/new",
        "delete/ConfigMap/shop/dropped",
    ]
    kept, new, dropped = apply.operations
    assert isinstance(kept, Apply)
    assert kept.previous is originals[0]
    assert isinstance(new, Apply)
    assert new.previous is None
    assert isinstance(dropped, Delete)
    assert dropped.respect_policy


def test_an_upgrade_supersedes_the_revision_before() -> None:
    """The old record is superseded in the same stage that marks the new one deployed."""
    plan = plan_upgrade(RELEASE.replace(revision=2), RELEASE, [], [], SETTINGS)
    old, new = plan.stages[-1].operations
    assert isinstance(old, RecordRevision)
    assert old.release.info.status == SUPERSEDED
    assert isinstance(new, RecordRelease)


def test_a_rollback_supersedes_whatever_is_deployed() -> None:
    """A rollback ends with one deployed revision and keeps its own description."""
    plan = plan_rollback(RELEASE, [], [resource(CONFIG_MAP, "a")], SETTINGS, recreate_pods=True)
    assert stage_ids(plan) == ["record", "pre-rollback", "apply", "restart", "wait", "post-rollback", "finish"]
    supersede, deployed = plan.stages[-1].operations
    assert isinstance(supersede, SupersedeDeployed)
    assert isinstance(deployed, RecordRelease)
    assert deployed.description == "Rollback to 1"


def test_a_removal_goes_on_after_the_objects_are_gone() -> None:
    """Failing to wait or to run the last hooks does not stop a removal; failing to delete does."""
    going = RELEASE.with_info(status=UNINSTALLING)
    plan = plan_removal(going, [resource(CONFIG_MAP, "a")], SETTINGS, propagation="Foreground")
    assert [(stage.id, stage.tolerant) for stage in plan.stages] == [
        ("pre-delete", False),
        ("record", False),
        ("delete", False),
        ("wait", True),
        ("post-delete", True),
    ]
    (deletion,) = plan.stages[2].operations
    assert isinstance(deletion, Delete)
    assert (deletion.propagation, deletion.respect_policy) == ("Foreground", False)


def test_the_same_input_makes_the_same_plan() -> None:
    """Plans can be compared: ids and order depend on the input alone."""
    targets = [resource(CONFIG_MAP, "a"), resource(DEPLOYMENT, "b")]
    assert plan_install(RELEASE, targets, [], SETTINGS) == plan_install(RELEASE, targets, [], SETTINGS)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            ApplySettings(server_side=False, force_conflicts=True),
            "forceConflicts enabled when serverSideApply disabled",
        ),
        (
            ApplySettings(server_side=True, force_conflicts=True, force_replace=True),
            "cannot use force conflicts and force replace together",
        ),
        (
            ApplySettings(server_side=True, force_replace=True),
            "cannot use server-side apply and force replace together",
        ),
    ],
)
def test_settings_that_exclude_each_other(settings: ApplySettings, message: str) -> None:
    """Methods that cannot go together are refused before anything is touched."""
    with pytest.raises(InvalidPlan, match=message):
        check_settings(settings)


def test_waiting_covers_every_wanted_object() -> None:
    """All objects of the new revision are waited for, adopted ones included."""
    targets = [resource(CONFIG_MAP, "a"), resource(DEPLOYMENT, "b")]
    plan = plan_install(RELEASE, targets, [targets[0]], SETTINGS)
    (wait,) = next(stage for stage in plan.stages if stage.id == "wait").operations
    assert isinstance(wait, AwaitReady)
    assert wait.resources == tuple(targets)
