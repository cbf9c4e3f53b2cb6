"""The executor and the hooks, on a cluster and a store made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.apply.errors import BadManifest, PlanStopped
from pilothouse.apply.execute import Executor
from pilothouse.apply.manifests import build_resources
from pilothouse.clock import FixedClock
from pilothouse.errors import Denied, Exists, NotFound, PilothouseError, Unreachable
from pilothouse.kube.errors import KindNotFound
from pilothouse.plan.build import plan_install, plan_removal, plan_upgrade
from pilothouse.plan.operations import ApplySettings
from pilothouse.plan.resources import Resource
from pilothouse.progress import Event, Reporter
from pilothouse.records import Record
from pilothouse.releases.release import DEPLOYED, Hook, Release, ReleaseInfo
from pilothouse.storage.memory import MemoryStore

Object = dict[str, Any]


class Kind(Record):
    """How objects of one kind are addressed."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True


KINDS = {
    kind: Kind(group="", version="v1", kind=kind, plural=f"{kind.lower()}s") for kind in ("ConfigMap", "Pod", "Secret")
}


class Cluster:
    """Keeps objects by kind and name, remembers what was asked, and refuses what it is told to refuse."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], Object] = {}
        self.asked: list[str] = []
        self.refused: dict[str, BaseException] = {}

    def _ask(self, verb: str, mapping: Any, name: str) -> None:
        request = f"{verb} {mapping.kind}/{name}"
        self.asked.append(request)
        if request in self.refused:
            raise self.refused[request]

    def mapping(self, api_version: str, kind: str) -> Kind:
        """Return how a kind is addressed."""
        if kind not in KINDS:
            raise KindNotFound(api_version, kind)
        return KINDS[kind]

    def schema_problems(self, document: Object) -> list[str]:
        """Find fault with objects that say they are bad."""
        return list(document.get("problems", ()))

    def get(self, mapping: Any, _namespace: str, name: str) -> Object:
        """Return an object."""
        self._ask("get", mapping, name)
        try:
            return self.objects[mapping.kind, name]
        except KeyError:
            raise NotFound(f'{mapping.plural} "{name}" not found') from None

    def patch(self, mapping: Any, _namespace: str, name: str, patch: Object, **_more: Any) -> Object:
        """Apply an object; a Pod is done at once."""
        self._ask("apply", mapping, name)
        self.objects[mapping.kind, name] = {**patch, "status": {"phase": "Succeeded"}}
        return patch

    def delete(self, mapping: Any, _namespace: str, name: str, *, propagation: str = "", uid: str = "") -> None:
        """Delete an object."""
        assert not uid
        self._ask(f"delete {propagation}", mapping, name)
        if self.objects.pop((mapping.kind, name), None) is None:
            raise NotFound("gone")


class Store(MemoryStore):
    """Refuses some updates."""

    def __init__(self, releases: list[Release]) -> None:
        super().__init__("shop", releases)
        self.refusals: list[PilothouseError] = []

    def update(self, release: Release) -> None:
        """Replace a revision."""
        if self.refusals:
            raise self.refusals.pop(0)
        super().update(release)


def release(revision: int = 1, **changes: Any) -> Release:
    """Return a release."""
    return Release(name="web", namespace="shop", revision=revision, **changes)


def resource(name: str, kind: str = "ConfigMap") -> Resource:
    """Return an object."""
    found: Object = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}}
    return Resource(mapping=KINDS[kind], namespace="shop", name=name, object=found)


def hook(name: str, *, weight: int = 0, events: tuple[str, ...] = ("pre-install",), **more: Any) -> Hook:
    """Return a hook that is a Pod."""
    manifest = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\n"
    return Hook(name=name, kind="Pod", path=f"c/{name}.yaml", manifest=manifest, weight=weight, events=events, **more)


class Stage:
    """A cluster, a store and an executor between them."""

    def __init__(self, *releases: Release) -> None:
        self.cluster = Cluster()
        self.store = Store(list(releases))
        self.events: list[Event] = []
        self.executor = Executor(
            self.cluster,  # type: ignore[arg-type]
            self.store,
            FixedClock(1000),
            Reporter(self.events.append),
            4,
        )

    def told(self, kind: str) -> list[str]:
        """Return the messages of one kind."""
        return [event.message for event in self.events if event.kind == kind]


def test_hooks_run_by_weight_and_name_and_their_old_objects_go_in_the_background() -> None:
    """An object of an earlier run is deleted first, its pods with it; an event named twice runs twice."""
    stage = Stage()
    hooks = (hook("b", weight=1), hook("c", events=("pre-install", "pre-install")), hook("a"))
    stage.cluster.objects["Pod", "b"] = {}
    stage.executor.run(plan_install(release(hooks=hooks), [], [], ApplySettings()))
    changes = [request for request in stage.cluster.asked if not request.startswith("get")]
    assert changes == [
        "delete Background Pod/a",
        "apply Pod/a",
        "delete Background Pod/c",
        "apply Pod/c",
        "delete Background Pod/c",
        "apply Pod/c",
        "delete Background Pod/b",
        "apply Pod/b",
    ]
    assert {one.last_run.phase for one in stage.store.get("web", 1).hooks} == {"Succeeded"}


def test_a_hook_that_succeeded_goes_when_a_later_one_fails() -> None:
    """The delete policies are kept in failure as well, and the error is the failed hook's."""
    stage = Stage()
    hooks = (hook("a", delete_policies=("hook-succeeded",)), hook("b", delete_policies=("hook-failed",)))
    stage.cluster.refused["apply Pod/b"] = Denied("no")
    with pytest.raises(PlanStopped, match=r"^failed pre-install: warning: Hook pre-install c/b.yaml failed: .*no$"):
        stage.executor.run(plan_install(release(hooks=hooks), [], [], ApplySettings()))


def test_an_interruption_stops_the_plan_at_its_stage() -> None:
    """What was done is known, and the error has no prefix."""
    stage = Stage()
    stage.cluster.refused["apply ConfigMap/b"] = KeyboardInterrupt()
    with pytest.raises(PlanStopped) as stopped:
        stage.executor.run(plan_install(release(), [resource("b")], [], ApplySettings()))
    assert (stopped.value.message, stopped.value.stage) == ("context canceled", "apply")


def test_failures_of_an_update_are_joined_and_nothing_is_deleted() -> None:
    """Every object is tried; what the new revision lacks stays until all is well."""
    current = release(info=ReleaseInfo(status=DEPLOYED))
    stage = Stage(current)
    for name in "abc":
        stage.cluster.objects["ConfigMap", name] = {"metadata": {"name": name}}
    stage.cluster.refused = {f"apply ConfigMap/{name}": Denied(f"no {name}") for name in "ab"}
    old, new = [resource(name) for name in "abc"], [resource(name) for name in "ab"]
    with pytest.raises(PlanStopped, match=r"no a && .*no b$"):
        stage.executor.run(plan_upgrade(release(2), current, old, new, ApplySettings()))
    assert ("ConfigMap", "c") in stage.cluster.objects


def test_settings_that_exclude_each_other_fail_after_the_record() -> None:
    """As in Helm, the revision is there and says why."""
    current = release(info=ReleaseInfo(status=DEPLOYED))
    stage = Stage(current)
    settings = ApplySettings(force_replace=True)
    with pytest.raises(PlanStopped, match=r"^invalid operation: cannot use server-side apply and force replace"):
        stage.executor.run(plan_upgrade(release(2), current, [], [resource("a")], settings))
    assert stage.store.get("web", 2).info.status == "pending-upgrade"


def test_a_record_is_stored_when_the_server_is_back() -> None:
    """A server that does not answer for a moment costs no state."""
    stage = Stage()
    stage.store.refusals = [Unreachable("gone"), Unreachable("gone")]
    stage.executor.run(plan_install(release(), [resource("a")], [], ApplySettings()))
    assert stage.store.get("web", 1).info.status == DEPLOYED


def test_an_installation_succeeds_without_its_last_record() -> None:
    """What cannot be recorded is told, not raised, since the objects are there (``Install.performInstall``)."""
    stage = Stage()
    stage.store.refusals = [Denied("no")]
    stage.executor.run(plan_install(release(), [resource("a")], [], ApplySettings()))
    assert stage.told("error") == ["failed to update release"]


def test_a_removal_goes_on_without_its_first_record() -> None:
    """A record that cannot be marked as going does not keep the objects."""
    stage = Stage(release())
    stage.cluster.objects["ConfigMap", "a"] = {}
    stage.store.refusals = [Denied("no")]
    stage.executor.run(plan_removal(release(), [resource("a")], ApplySettings(), propagation="Background"))
    assert stage.cluster.objects == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("apiVersion: v1", 'error validating "": error validating data: kind not set'),
        ("kind: Pod", 'error validating "": error validating data: apiVersion not set'),
        ("a: b", 'error validating "": error validating data: [apiVersion not set, kind not set]'),
        ("apiVersion: v1\nkind: Pod\nproblems: [x]", 'error validating "": error validating data: x'),
        ("apiVersion: v1\nkind: Pod\nproblems: [x, z]", 'error validating "": error validating data: [x, z]'),
    ],
)
def test_documents_are_validated_before_their_kinds_are_looked_up(text: str, message: str) -> None:
    """The text is kubectl's."""
    with pytest.raises(BadManifest) as found:
        build_resources(Cluster(), text, "shop", validate=True)  # type: ignore[arg-type]
    assert found.value.message == message


def test_without_validation_the_decoder_complains() -> None:
    """``--disable-openapi-validation`` shows the object that lacks its kind."""
    with pytest.raises(
        BadManifest, match=r"""^unable to decode "": Object 'Kind' is missing in '\{"apiVersion":"v1"\}'$"""
    ):
        build_resources(Cluster(), "apiVersion: v1", "shop")  # type: ignore[arg-type]


def test_lists_are_taken_apart() -> None:
    """A List and a ConfigMapList are their items."""
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: a}}\n---\n"
        "apiVersion: v1\nkind: ConfigMapList\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n"
    )
    found = build_resources(Cluster(), text, "shop")  # type: ignore[arg-type]
    assert [(one.kind, one.name, one.namespace) for one in found] == [
        ("Secret", "a", "shop"),
        ("ConfigMap", "b", "shop"),
    ]


def test_an_existing_revision_is_not_overwritten() -> None:
    """Two commands at once: the second finds the record and stops before it touches anything."""
    stage = Stage(release())
    with pytest.raises(PlanStopped) as stopped:
        stage.executor.run(plan_install(release(), [resource("a")], [], ApplySettings()))
    assert isinstance(stopped.value.cause, Exists)
    assert stage.cluster.asked == []
