"""What is going on, as events that a face may show; nobody has to listen."""

from __future__ import annotations

from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class ObjectState(Record):
    """What is known of an object that is waited for.

    Attributes:
        kind: Its kind.
        namespace: Its namespace, empty for one of the whole cluster.
        name: Its name.
        status: ``Current`` when it is ready, else ``InProgress``, ``Failed``, ``Terminating``, ``NotFound`` or
            ``Unknown``.
        message: Why it is not ready, in a few words.
        ready: How much of it is ready, such as ``1/3``; empty for kinds that are not counted.
        event: The newest event about it or its pods; only where somebody watches.
        log: The last lines of a container that fails; only where somebody watches.
    """

    kind: str
    namespace: str
    name: str
    status: str
    message: str = ""
    ready: str = ""
    event: str = ""
    log: tuple[str, ...] = ()


class Event(Record):
    """One step of an operation.

    Attributes:
        kind: ``debug``, ``info``, ``warning``, ``error`` (log lines) or ``progress`` (a step of longer work).
        message: What happens, in a few words.
        fields: Facts beside the message, as name and text, in the order they are printed.
        objects: The objects that are waited for.
    """

    kind: str
    message: str
    fields: tuple[tuple[str, str], ...] = ()
    objects: tuple[ObjectState, ...] = ()


class Reporter:
    """Hands events to a listener; without one they are dropped.

    Args:
        listener: Hears of each event.
        watched: Whether somebody looks on while objects are waited for, so that events and logs are worth asking for.
    """

    __slots__ = ("_listener", "watched")

    def __init__(self, listener: Callable[[Event], None] | None = None, *, watched: bool = False) -> None:
        self._listener = listener
        self.watched = watched

    def report(self, kind: str, message: str, /, **fields: str) -> None:
        """Tell the listener about one event of ``kind``."""
        if self._listener is not None:
            self._listener(Event(kind=kind, message=message, fields=tuple(fields.items())))

    def waiting(self, message: str, objects: tuple[ObjectState, ...]) -> None:
        """Report how objects are that are waited for."""
        if self._listener is not None:
            names = ", ".join(f"{each.kind}/{each.name}" for each in objects if each.status != "Current")
            self._listener(Event(kind="progress", message=message, fields=(("objects", names),), objects=objects))

    def debug(self, message: str, /, **fields: str) -> None:
        """Report a detail that ``--debug`` shows."""
        self.report("debug", message, **fields)

    def warning(self, message: str, /, **fields: str) -> None:
        """Report something that does not stop the work but should be seen."""
        self.report("warning", message, **fields)


SILENT = Reporter()
