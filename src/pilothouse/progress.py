"""What is going on, as events that a face may show; nobody has to listen."""

from __future__ import annotations

from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Event(Record):
    """One step of an operation.

    Attributes:
        kind: ``debug``, ``info``, ``warning``, ``error`` (log lines) or ``progress`` (a step of longer work).
        message: What happens, in a few words.
        fields: Facts beside the message, as name and text, in the order they are printed.
    """

    kind: str
    message: str
    fields: tuple[tuple[str, str], ...] = ()


class Reporter:
    """Hands events to a listener; without one they are dropped."""

    __slots__ = ("_listener",)

    def __init__(self, listener: Callable[[Event], None] | None = None) -> None:
        self._listener = listener

    def report(self, kind: str, message: str, /, **fields: str) -> None:
        """Tell the listener about one event of ``kind``."""
        if self._listener is not None:
            self._listener(Event(kind=kind, message=message, fields=tuple(fields.items())))

    def debug(self, message: str, /, **fields: str) -> None:
        """Report a detail that ``--debug`` shows."""
        self.report("debug", message, **fields)

    def warning(self, message: str, /, **fields: str) -> None:
        """Report something that does not stop the work but should be seen."""
        self.report("warning", message, **fields)


SILENT = Reporter()
