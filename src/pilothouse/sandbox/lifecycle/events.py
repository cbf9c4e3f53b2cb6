"""Events, as ``kubectl describe`` shows them. Go's ``client-go/tools/record``."""

from __future__ import annotations

from pilothouse.sandbox.lifecycle.world import Object, World

NORMAL = "Normal"
WARNING = "Warning"
_LONGEST_NAME = 200
_MOST_REMEMBERED = 4096


class Recorder:
    """Writes events; one that repeats is counted, not written again."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._names: dict[tuple[str, str, str, str], str] = {}

    def normal(self, target: Object, reason: str, message: str, component: str, field: str = "") -> None:
        """Record that something happened as it should."""
        self._record(target, (NORMAL, reason, message), component, field)

    def warning(self, target: Object, reason: str, message: str, component: str, field: str = "") -> None:
        """Record that something went wrong."""
        self._record(target, (WARNING, reason, message), component, field)

    def _record(self, target: Object, what: tuple[str, str, str], component: str, field: str) -> None:
        world, metadata = self._world, target["metadata"]
        kind, reason, message = what
        namespace = metadata.get("namespace") or "default"
        identity = (metadata["uid"], reason, message, field)
        now = world.stamp()

        def repeat(event: Object) -> None:
            event["count"] = event.get("count", 1) + 1
            event["lastTimestamp"] = now

        known = self._names.get(identity)
        if known and world.objects.change("events", (namespace, known), repeat, manager=component):
            return
        if len(self._names) > _MOST_REMEMBERED:
            self._names.clear()
        name = f"{metadata['name'][:_LONGEST_NAME]}.{world.entropy(8).hex()}"
        self._names[identity] = name
        involved = {
            "kind": target["kind"],
            "namespace": metadata.get("namespace", ""),
            "name": metadata["name"],
            "uid": metadata["uid"],
            "apiVersion": target["apiVersion"],
            "resourceVersion": metadata.get("resourceVersion", ""),
            **({"fieldPath": field} if field else {}),
        }
        source = {"component": component, **({"host": "sandbox"} if component == "kubelet" else {})}
        world.objects.create(
            "events",
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"name": name, "namespace": namespace},
                "involvedObject": {key: value for key, value in involved.items() if value},
                "reason": reason,
                "message": message,
                "source": source,
                "firstTimestamp": now,
                "lastTimestamp": now,
                "count": 1,
                "type": kind,
                "eventTime": None,
                "reportingComponent": component,
                "reportingInstance": source.get("host", ""),
            },
            manager=component,
        )
