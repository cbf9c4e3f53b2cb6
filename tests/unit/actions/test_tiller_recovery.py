"""What is made of operations whose Tiller was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

pytest.importorskip("google.protobuf")

from pilothouse.actions.tiller_limits import ReleaseLocks
from pilothouse.actions.tiller_owner import LEASE_SECONDS, TillerLease, TillerOwner, owner_in, this_process
from pilothouse.actions.tiller_recovery import is_interrupted, leftovers, recover
from pilothouse.assembly import Assembly
from pilothouse.clock import FixedClock
from pilothouse.environment import Environment
from pilothouse.errors import NotFound
from pilothouse.hapi.convert import CODES, TillerRelease, release_from
from pilothouse.hapi.messages import ReleaseMessage

GONE = TillerOwner(token="gone", place="elsewhere", pid=1, leased=True)


class Leases:
    """A cluster that has Leases alone."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def mapping(self, *_kind: str) -> None:
        """Need none."""

    def create(self, _mapping: None, _namespace: str, item: Any) -> None:
        """Keep a Lease."""
        self.kept[item["metadata"]["name"]] = item

    def get(self, _mapping: None, _namespace: str, name: str) -> Any:
        """Return a Lease."""
        if name not in self.kept:
            raise NotFound(name)
        return self.kept[name]


def release(revision: int, status: str, description: str = "") -> TillerRelease:
    """Return a revision whose manifest is its number."""
    wire = ReleaseMessage(name="web", version=revision, manifest=str(revision))
    wire.info.status.code = CODES[status]
    wire.info.Description = description
    return release_from(wire)


@pytest.fixture
def clock() -> FixedClock:
    """A time."""
    return FixedClock(1_700_000_000)


@pytest.fixture
def lease(clock: FixedClock) -> TillerLease:
    """The Lease of a process."""
    cluster: Any = Leases()
    return TillerLease(cluster, "kube-system", clock, this_process(os.urandom))


def settled(lease: TillerLease, *revisions: TillerRelease, owner: TillerOwner = GONE) -> list[tuple[int, str]]:
    """Return the revisions and their statuses after what was interrupted was settled."""
    context = Assembly(Environment()).tiller(driver="memory", namespace="")
    store: Any = context.store
    for one in revisions:
        store.create(one)
    store.unfinished = lambda: [(one, owner.mark()) for one in revisions if one.info.status.startswith("pending")]
    recover(context, lease, ReleaseLocks())
    return [(one.revision, one.info.status) for one in reversed(context.revisions("web"))]


def test_what_was_interrupted_is_failed(lease: TillerLease) -> None:
    """The revision before it stays deployed."""
    assert settled(lease, release(1, "pending-install")) == [(1, "failed")]
    both = (release(1, "deployed"), release(2, "pending-upgrade"))
    assert settled(lease, *both) == [(1, "deployed"), (2, "failed")]


def test_an_upgrade_that_was_complete_is_deployed(lease: TillerLease) -> None:
    """Only its last record was missing: the revision before it is superseded already."""
    both = (release(1, "superseded"), release(2, "pending-upgrade"))
    assert settled(lease, *both) == [(1, "superseded"), (2, "deployed")]
    both = (release(1, "superseded"), release(2, "pending-rollback"))
    assert settled(lease, *both) == [(1, "superseded"), (2, "failed")]


def test_work_of_the_living_is_left_alone(lease: TillerLease, clock: FixedClock) -> None:
    """Their own process, a process of this machine that runs, one with a Lease, and one that nobody can know of."""
    pending = release(1, "pending-install")
    cluster: Any = lease._cluster
    other = TillerLease(cluster, "kube-system", clock, TillerOwner(token="b", place="there", pid=1))
    leased = other.acquire()
    mine = lease.owner
    living = mine.replace(token="c", pid=os.getppid(), started="")
    for owner in (mine, living, leased, leased.replace(token="d", leased=False)):
        assert settled(lease, pending, owner=owner) == [(1, "pending-install")]
    clock.sleep(LEASE_SECONDS + 1)
    assert settled(lease, pending, owner=leased) == [(1, "failed")]


def test_a_process_of_this_machine_that_ended_is_known(lease: TillerLease) -> None:
    """Without waiting for its Lease, and although its id may be another process's now."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    mine = lease.owner
    for owner in (mine.replace(token="e", pid=ended.pid), mine.replace(token="f", started="1")):
        assert lease.is_gone(owner)


def test_marks_that_are_none_are_passed_over() -> None:
    """Anybody may write annotations."""
    for text in ("", "x", "{}", "[]", '{"token": 1}', '{"token":"a","place":"","pid":"x","started":"","leased":true}'):
        assert owner_in(text) is None
    assert owner_in(GONE.mark()) == GONE


def test_objects_of_interrupted_operations_are_known() -> None:
    """Until an operation succeeds, what was interrupted since the last success may have left objects."""
    first, interrupted, failed = (
        release(1, "deployed"),
        release(2, "failed", "Interrupted: x"),
        release(3, "failed", "Upgrade failed"),
    )
    assert is_interrupted(interrupted)
    assert not is_interrupted(failed)
    assert leftovers([first], first).manifests == ()
    assert leftovers([interrupted, first], first).manifests == ("2",)
    assert leftovers([interrupted, first], interrupted).manifests == ("1",)
    assert leftovers([failed, interrupted, first], first).manifests == ("3", "2")
    assert leftovers([failed, first], first).manifests == ()
    assert leftovers([release(4, "deployed"), failed, interrupted], release(4, "deployed")).manifests == ()
