"""A command that is killed at any request: the next command goes on, nothing is lost and nothing is left behind.

The sweep stops each operation before and after each of its requests to the API server, records included, and lets
each of the next commands follow. Processes that are truly killed are in ``test_kills.py``.
"""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from pilothouse.actions.context import Context
from pilothouse.actions.history import history
from pilothouse.actions.install import InstallOptions, install
from pilothouse.actions.recovery import interruption_of
from pilothouse.actions.rollback import RollbackOptions, rollback
from pilothouse.actions.status import status
from pilothouse.actions.uninstall import UninstallOptions, uninstall
from pilothouse.actions.upgrade import UpgradeOptions, upgrade
from pilothouse.apply.owner import this_process
from pilothouse.charts.metadata import Metadata
from pilothouse.charts.model import Chart, ChartFile
from pilothouse.clock import FixedClock
from pilothouse.environment import Environment
from pilothouse.errors import NotFound, PilothouseError
from pilothouse.progress import Event, Reporter
from pilothouse.releases.journal import ANNOTATION
from pilothouse.releases.release import DEPLOYED, PENDING_STATUSES, UNINSTALLED
from pilothouse.storage.secrets import SecretStore

_memory = importlib.import_module("functional.memory_cluster")
MemoryCluster, Kill, Killed = _memory.MemoryCluster, _memory.Kill, _memory.Killed

PENDING = r"^another operation \(install/upgrade/rollback\) is in progress$"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {by: '%s'}\n"
HOOK = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: hook-%(event)s\n  annotations:\n    helm.sh/hook: %(event)s\n"
    "    helm.sh/hook-delete-policy: hook-succeeded\n"
)
EVENTS = tuple(f"{when}-{what}" for what in ("install", "upgrade", "rollback", "delete") for when in ("pre", "post"))


def chart(version: int, *names: str) -> Chart:
    """Return a chart that makes a Service and ConfigMaps, with a hook for every event."""
    texts = {f"templates/{name}.yaml": CONFIG % (name, version) for name in names}
    texts["templates/service.yaml"] = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
    texts.update({f"templates/{event}.yaml": HOOK % {"event": event} for event in EVENTS})
    return Chart(
        metadata=Metadata(name="web", version=f"{version}.0.0", api_version="v2"),
        templates=tuple(ChartFile(name=name, data=text.encode()) for name, text in texts.items()),
    )


FIRST, SECOND, THIRD = chart(1, "a", "b"), chart(2, "a", "c"), chart(3, "a", "d")


class Place:
    """A cluster and what is done on it."""

    def __init__(self, objects: Any = None) -> None:
        self.cluster: Any = MemoryCluster(objects)
        self.events: list[Event] = []

    def context(self) -> Context:
        """Return the ports as a process of its own has them."""
        return Context(
            cluster=self.cluster,
            store=SecretStore(self.cluster, "shop", clock=FixedClock(1000)),
            namespace="shop",
            environment=Environment(),
            clock=FixedClock(1000),
            entropy=os.urandom,
            reporter=Reporter(self.events.append),
        )

    def objects(self) -> set[str]:
        """Return what is there and is no record."""
        return {
            f"{kind}/{name}={item.get('data', {}).get('by', '')}"
            for (kind, _, name), item in self.cluster.objects.items()
            if kind != "Secret"
        }

    def statuses(self) -> list[str]:
        """Return the statuses of the release's revisions, oldest first."""
        try:
            return [release.info.status for release in history(self.context(), "web")]
        except NotFound:
            return []

    def journals(self) -> int:
        """Return how many records carry a journal."""
        return sum(ANNOTATION in item["metadata"].get("annotations", {}) for item in self.cluster.objects.values())


Step = Callable[[Context], Any]


def installing(content: Chart, *, reuse_name: bool = False) -> Step:
    """Return the installation of a chart."""
    return lambda context: install(
        context, InstallOptions(name="web", chart=content, reuse_name=reuse_name, wait="watcher")
    )


def upgrading(content: Chart, *, history_max: int = 10, server_side: str = "auto") -> Step:
    """Return the upgrade to a chart, or its installation where there is no release, as ``upgrade --install`` does."""

    def run(context: Context) -> Any:
        try:
            newest = history(context, "web")[-1].info.status
        except NotFound:
            newest = UNINSTALLED
        if newest == UNINSTALLED:
            return installing(content, reuse_name=True)(context)
        options = UpgradeOptions(
            name="web", chart=content, history_max=history_max, wait="watcher", server_side=server_side
        )
        return upgrade(context, options)

    return run


def rolling_back(revision: int = 0) -> Step:
    """Return the rollback to a revision."""
    return lambda context: rollback(context, RollbackOptions(name="web", revision=revision, wait="watcher"))


def uninstalling(context: Context) -> Any:
    """Remove the release."""
    return uninstall(context, UninstallOptions(name="web", wait="watcher"))


def keeping(context: Context) -> Any:
    """Remove the release and keep its history."""
    return uninstall(context, UninstallOptions(name="web", keep_history=True))


OPERATIONS: dict[str, tuple[list[Step], Step]] = {
    "install": ([], installing(FIRST)),
    "upgrade": ([installing(FIRST)], upgrading(SECOND)),
    "upgrade with one revision kept": ([installing(FIRST)], upgrading(SECOND, history_max=1)),
    "rollback": ([installing(FIRST), upgrading(SECOND)], rolling_back(1)),
    "uninstall": ([installing(FIRST), upgrading(SECOND)], uninstalling),
    "uninstall --keep-history": ([installing(FIRST), upgrading(SECOND)], keeping),
    "install --replace": ([installing(FIRST), keeping], installing(SECOND, reuse_name=True)),
}
THIRD_OBJECTS = {"Service/web=", "ConfigMap/a=3", "ConfigMap/d=3"}
FIRST_OBJECTS = {"Service/web=", "ConfigMap/a=1", "ConfigMap/b=1"}


@functools.cache
def prepared(operation: str) -> Any:
    """Return the objects that are there before an operation."""
    place = Place()
    for one in OPERATIONS[operation][0]:
        one(place.context())
    return place.cluster.copied()


@functools.cache
def crashed(operation: str, number: int, *, after: bool) -> Any:
    """Return the objects that are there when an operation was killed at a request, none when it ended before."""
    place = Place(prepared(operation))
    kill = Kill(place.cluster, number, after=after)
    try:
        OPERATIONS[operation][1](place.context())
    except Killed:
        return place.cluster.copied()
    assert not kill.fired
    return None


def killed(operation: str, number: int, *, after: bool) -> Place:
    """Return a place where an operation was killed at a request."""
    objects = crashed(operation, number, after=after)
    assert objects is not None
    return Place(objects)


def places(operation: str) -> Iterator[Callable[[], Place]]:
    """Yield, for each request of an operation, what makes a place where it was killed before or after it."""
    for number in range(1000):
        for after in (False, True):
            if crashed(operation, number, after=after) is None:
                return
            yield partial(killed, operation, number, after=after)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_upgrade_goes_on_from_every_step(operation: str) -> None:
    """Whatever was killed wherever: ``upgrade --install`` succeeds, and exactly its objects are there."""
    count = 0
    for made in places(operation):
        place = made()
        upgrading(THIRD)(place.context())
        assert place.objects() == THIRD_OBJECTS
        assert place.statuses()[-1] == DEPLOYED
        assert place.statuses().count(DEPLOYED) == 1
        assert not set(place.statuses()) & set(PENDING_STATUSES)
        assert place.journals() == 0
        count += 1
    assert count > 20


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_uninstallation_goes_on_from_every_step(operation: str) -> None:
    """Whatever was killed wherever: ``uninstall`` removes all there is."""
    for made in places(operation):
        place = made()
        try:
            uninstalling(place.context())
        except NotFound:
            assert place.statuses() == []
        assert place.objects() == set()
        assert place.statuses() == []


@pytest.mark.parametrize("operation", ["upgrade", "rollback", "uninstall", "uninstall --keep-history"])
def test_a_rollback_goes_on_from_every_step(operation: str) -> None:
    """Whatever was killed wherever: a rollback to the first revision succeeds while it is there, or says it is not."""
    for made in places(operation):
        place = made()
        if operation == "uninstall" and len(place.statuses()) < 2:  # its records were being removed
            with pytest.raises(NotFound, match=r"^release has no 1 version$|^release: not found$"):
                rolling_back(1)(place.context())
            uninstalling_rest(place)
            continue
        rolling_back(1)(place.context())
        assert place.objects() == FIRST_OBJECTS
        assert place.statuses()[-1] == DEPLOYED
        assert place.statuses().count(DEPLOYED) == 1
        assert not set(place.statuses()) & set(PENDING_STATUSES)
        assert place.journals() == 0


def uninstalling_rest(place: Place) -> None:
    """Finish a removal, and see that nothing is left."""
    if place.statuses():
        uninstalling(place.context())
    assert place.objects() == set()
    assert place.statuses() == []


def test_a_killed_installation_is_replaced() -> None:
    """``install --replace`` goes on; without the flag the name is in use, and the hints say what to do."""
    for made in places("install"):
        place = made()
        taken = bool(place.statuses())
        if taken and place.statuses() != [DEPLOYED]:
            with pytest.raises(PilothouseError, match="cannot reuse a name that is still in use") as found:
                installing(THIRD)(place.context())
            assert any("helm upgrade --install web CHART goes on from it" in hint for hint in found.value.hints)
        if place.statuses() == [DEPLOYED]:
            continue
        installing(THIRD, reuse_name=True)(place.context())
        assert place.objects() == THIRD_OBJECTS
        assert place.statuses()[-1] == DEPLOYED
        assert place.journals() == 0


@pytest.mark.parametrize("operation", ["install", "upgrade", "uninstall"])
def test_a_recovery_that_is_killed_is_recovered(operation: str) -> None:
    """The next command is killed as well, at each of its requests; the one after that still leaves nothing behind."""
    steps = list(places(operation))
    for made in steps[4 :: max(1, len(steps) // 3)]:
        for number in range(3, 1000, 5):
            place = made()
            Kill(place.cluster, number, after=True)
            ended = False
            try:
                upgrading(SECOND)(place.context())
                ended = True
            except Killed:
                pass
            place.cluster.before = place.cluster.after = lambda _number: None
            upgrading(THIRD)(place.context())
            assert place.objects() == THIRD_OBJECTS
            assert place.statuses()[-1] == DEPLOYED
            assert place.journals() == 0
            if ended:
                break


def test_a_living_owner_keeps_its_release() -> None:
    """While the process may still be at work, an upgrade is refused in Helm's words and told who it is."""
    place = killed("upgrade", 30, after=True)
    context = place.context().replace(is_alive=lambda _journal, _now: True)
    with pytest.raises(PilothouseError, match=PENDING) as found:
        upgrading(THIRD)(context)
    assert f"process {os.getpid()} on" in found.value.hints[0]


def test_who_was_displaced_stops_and_leaves_the_record_alone() -> None:
    """A rollback may displace a living owner, as in Helm; that one stops at its next write."""
    place = Place()
    installing(FIRST)(place.context())
    others = iter([lambda: rolling_back(1)(place.context())])

    def intrude(number: int) -> None:
        if place.cluster.calls[number] == "patch ConfigMap/c":
            other = next(others, None)
            if other is not None:
                other()

    place.cluster.after = intrude
    with pytest.raises(PilothouseError, match="another operation took over revision 2") as found:
        upgrading(SECOND)(place.context())
    assert found.value.hints == ("helm status web shows what became of it",)
    assert place.statuses() == ["superseded", "failed", "deployed"]


def test_a_record_of_another_program_is_left_as_helm_leaves_it() -> None:
    """A pending record without a journal blocks an upgrade, with Helm's words and a hint."""
    place = Place()
    installing(FIRST)(place.context())
    context = place.context()
    release = history(context, "web")[-1]
    context.store.create(release.replace(revision=2).with_info(status="pending-upgrade"))
    with pytest.raises(PilothouseError, match=PENDING) as found:
        upgrading(THIRD)(place.context())
    assert found.value.hints == (
        "if it was killed: helm rollback web, or helm uninstall web when it never was deployed",
    )
    rolling_back(1)(place.context())
    assert place.statuses() == ["superseded", "pending-upgrade", "deployed"]


def test_status_says_what_was_done_and_what_is_left() -> None:
    """The journal names the operations, in order."""
    place = killed("upgrade", 20, after=True)
    found = status(place.context(), "web").interruption
    assert found is not None
    assert not found.alive
    assert found.done()[:2] == ("record/pending", "hooks/pre-upgrade")
    assert found.left()[-1] == "record/deployed"
    assert "delete/ConfigMap/shop/b" in found.done() + found.left()


def test_an_object_of_somebody_else_is_not_taken_for_a_leftover() -> None:
    """What the killed operation had not made yet, and another has made since, stays."""
    place = killed("upgrade", 14, after=False)
    assert "ConfigMap/c=2" not in place.objects()
    mapping = place.cluster.mapping("v1", "ConfigMap")
    place.cluster.create(mapping, "shop", {"metadata": {"name": "c"}, "data": {"by": "somebody"}})
    upgrading(THIRD)(place.context())
    assert place.objects() == THIRD_OBJECTS | {"ConfigMap/c=somebody"}


def test_the_owner_of_a_journal_is_this_process_only_while_it_works() -> None:
    """An operation that ended by an error leaves no journal that looks alive."""
    place = killed("upgrade", 30, after=True)
    release = history(place.context(), "web")[-1]
    found = interruption_of(place.context(), release)
    assert found is not None
    assert found.journal.owner.pid == this_process().pid
    assert not found.alive


def test_a_journal_costs_no_request_of_its_own() -> None:
    """An installation without hooks writes its record twice, as Helm does, and the journal goes along."""
    place = Place()
    plain = FIRST.replace(templates=tuple(one for one in FIRST.templates if "-" not in one.name))
    install(place.context(), InstallOptions(name="web", chart=plain))
    writes = [call for call in place.cluster.calls if call.startswith(("create Secret", "replace Secret"))]
    assert writes == ["create Secret/sh.helm.release.v1.web.v1", "replace Secret/sh.helm.release.v1.web.v1"]


def test_no_field_of_an_interrupted_revision_stays_without_server_side_apply() -> None:
    """Whether the killed patch was applied or not, what only one of the earlier revisions had is gone."""
    one, two, three = (chart(number, "a") for number in (1, 2, 3))
    fields = {"one": one, "two": two}
    for name, content in fields.items():
        fields[name] = content.replace(
            templates=tuple(
                file.replace(data=file.data.replace(b"data: {", b"data: {%s: x, " % name.encode()))
                for file in content.templates
            )
        )
    before = Place()
    install(before.context(), InstallOptions(name="web", chart=fields["one"], server_side=False))
    objects = before.cluster.copied()
    for number in range(200):
        place = Place(objects)
        Kill(place.cluster, number, after=bool(number % 2))
        try:
            upgrading(fields["two"])(place.context())
        except Killed:
            place.cluster.before = place.cluster.after = lambda _number: None
        else:
            assert number > 20
            break
        upgrading(three)(place.context())
        assert place.cluster.objects["ConfigMap", "shop", "a"]["data"] == {"by": "3"}
