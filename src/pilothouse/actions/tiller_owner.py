"""Which Tiller carries out an operation, and whether it is still there.

A Tiller marks the records of operations that have not ended, in an annotation that goes with the last write. On the
machine where it ran, its process id tells whether it is gone; elsewhere its Lease does, which it renews while it lives.
"""

from __future__ import annotations

import json
import os

from pilothouse.apply import owner
from pilothouse.errors import Exists, NotFound, PilothouseError
from pilothouse.releases.journal import Owner

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


class TillerOwner(Owner):
    """One Tiller process; its Lease is named by its token.

    Attributes:
        leased: Whether it keeps a Lease.
    """

    leased: bool = False

    def mark(self) -> str:
        """Return the text of the annotation."""
        facts = {"place": self.place, "pid": self.pid, "started": self.started, "leased": self.leased}
        return json.dumps({"token": self.token, **facts})


def this_process(entropy: Callable[[int], bytes]) -> TillerOwner:
    """Return the owner that this process is."""
    found = owner.this_process(entropy)
    return TillerOwner(token=found.token, host=found.host, place=found.place, pid=found.pid, started=found.started)


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
        tiller: This process.
    """

    def __init__(self, cluster: Cluster, namespace: str, clock: Clock, tiller: TillerOwner) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._clock = clock
        self.owner = tiller

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

    def is_gone(self, other: TillerOwner) -> bool:
        """Return whether a Tiller certainly lives no more."""
        if other.token == self.owner.token:
            return False
        if owner.is_of_this_machine(other):
            return not owner.runs(other)
        if not other.leased:
            return False
        try:
            found = self._cluster.get(self._mapping(), self._namespace, self._name(other))
        except NotFound:
            return True
        except PilothouseError:
            return False
        renewed = str((found.get("spec") or {}).get("renewTime") or "")
        return bool(renewed) and self._clock.now() - _seconds(renewed) > LEASE_SECONDS

    def _mapping(self) -> Mapping:
        return self._cluster.mapping(_API, "Lease")

    def _name(self, tiller: TillerOwner) -> str:
        return f"tiller-{tiller.token}"

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
