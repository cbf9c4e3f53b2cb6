"""Which Tiller carries out an operation, and whether it is still there.

A Tiller marks the records of operations that have not ended, in an annotation that goes with the last write. On the
machine where it ran, its process id tells whether it is gone; elsewhere its Lease does, which it renews while it lives.
"""

from __future__ import annotations

import json
import os

from pilothouse.errors import Exists, NotFound, PilothouseError
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.apply.cluster import Cluster
    from pilothouse.clock import Clock
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.objects.mapping import Mapping

#: Seconds after which a Tiller that did not renew its Lease counts as gone.
LEASE_SECONDS = 60
#: Seconds between two renewals.
RENEW_SECONDS = 15.0
_API = "coordination.k8s.io/v1"
_LABELS = {"app": "helm", "name": "tiller"}
#: Where the start of a process stands in /proc/PID/stat after its name, in clock ticks since boot.
_START = 19


class TillerOwner(Record):
    """One Tiller process.

    Attributes:
        token: Tells it from every other one; its Lease is named by it.
        place: What tells the process ids of its machine from those of others, empty where nothing can.
        pid: Its process id.
        started: When it started, tells it from a later process with the same id.
        leased: Whether it keeps a Lease.
    """

    token: str
    place: str = ""
    pid: int = 0
    started: str = ""
    leased: bool = False

    def mark(self) -> str:
        """Return the text of the annotation."""
        facts = {"place": self.place, "pid": self.pid, "started": self.started, "leased": self.leased}
        return json.dumps({"token": self.token, **facts})


def this_process(entropy: Callable[[int], bytes]) -> TillerOwner:
    """Return the owner that this process is."""
    pid = os.getpid()
    return TillerOwner(token=entropy(8).hex(), place=_place(), pid=pid, started=_started(pid))


def owner_in(mark: str) -> TillerOwner | None:
    """Return who made a mark, none when it is no mark."""
    try:
        found = json.loads(mark)
        return TillerOwner(
            token=str(found["token"]),
            place=str(found["place"]),
            pid=int(found["pid"]),
            started=str(found["started"]),
            leased=found["leased"] is True,
        )
    except (ValueError, KeyError, TypeError):
        return None


class TillerLease:
    """The Lease of this process in Tiller's namespace.

    Args:
        cluster: Tiller's own access to the cluster.
        namespace: Tiller's namespace.
        clock: The time.
        owner: This process.
    """

    def __init__(self, cluster: Cluster, namespace: str, clock: Clock, owner: TillerOwner) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._clock = clock
        self.owner = owner

    def acquire(self) -> TillerOwner:
        """Make the Lease and return this process as one that keeps it.

        Raises:
            PilothouseError: Tiller may not.
        """
        self._cluster.create(self._mapping(), self._namespace, self._object())
        self.owner = self.owner.replace(leased=True)
        return self.owner

    def renew(self) -> None:
        """Say that this process lives.

        Raises:
            PilothouseError: The cluster does not take it.
        """
        spec = self._object()["spec"]
        name = self._name(self.owner)
        try:
            self._cluster.patch(self._mapping(), self._namespace, name, {"spec": spec}, patch_type="merge")
        except NotFound:
            try:
                self._cluster.create(self._mapping(), self._namespace, self._object())
            except Exists:
                return

    def release(self) -> None:
        """Remove the Lease."""
        try:
            self._cluster.delete(self._mapping(), self._namespace, self._name(self.owner))
        except PilothouseError:
            return

    def is_gone(self, owner: TillerOwner) -> bool:
        """Return whether a Tiller certainly lives no more."""
        if owner.token == self.owner.token:
            return False
        if owner.place and owner.place == self.owner.place:
            return not _runs(owner)
        if not owner.leased:
            return False
        try:
            found = self._cluster.get(self._mapping(), self._namespace, self._name(owner))
        except NotFound:
            return True
        except PilothouseError:
            return False
        renewed = str((found.get("spec") or {}).get("renewTime") or "")
        return bool(renewed) and self._clock.now() - _seconds(renewed) > LEASE_SECONDS

    def _mapping(self) -> Mapping:
        return self._cluster.mapping(_API, "Lease")

    def _name(self, owner: TillerOwner) -> str:
        return f"tiller-{owner.token}"

    def _object(self) -> dict[str, YamlValue]:
        renewed = _micro_time(self._clock.now_ns())
        return {
            "apiVersion": _API,
            "kind": "Lease",
            "metadata": {"name": self._name(self.owner), "namespace": self._namespace, "labels": dict(_LABELS)},
            "spec": {
                "holderIdentity": f"{os.uname().nodename}/{self.owner.pid}",
                "leaseDurationSeconds": LEASE_SECONDS,
                "renewTime": renewed,
            },
        }


def _micro_time(nanoseconds: int) -> str:
    import time

    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest // 1000:06d}Z"


def _seconds(text: str) -> float:
    from pilothouse.releases.times import parse_time

    return parse_time(text) / 1e9


def _place() -> str:
    """Return what two processes share that see each other's process ids: the boot and the namespace of the ids."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return f"{file.read().strip()}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _runs(owner: TillerOwner) -> bool:
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    started = _started(owner.pid)
    return not started or not owner.started or started == owner.started


def _started(pid: int) -> str:
    """Return when a process started, empty for one that has ended and nobody asked after yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return ""
    return "ended" if fields[0] in ("Z", "X") else fields[_START]
