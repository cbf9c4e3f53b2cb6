"""How far downloads are, on one line of a terminal, once they take longer than a second."""

from __future__ import annotations

from pilothouse.progress import Reporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.progress import Event

_PATIENCE = 1.0
_MEGABYTE = 1_000_000
_START = "\r\x1b[K"


class ProgressLine:
    """Hands out a reporter while something is fetched; the line is gone in the end.

    Args:
        session: Where to show it, and who hears of everything else.
    """

    __slots__ = ("_began", "_session", "_shown")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._began = 0.0
        self._shown = False

    def __enter__(self) -> Reporter:
        self._began = self._session.clock.monotonic()
        return Reporter(self._hear)

    def _hear(self, event: Event) -> None:
        if event.kind != "progress":
            self._clear()
            self._session.reporter.report(event.kind, event.message, **dict(event.fields))
        elif self._session.streams.err.terminal and self._session.clock.monotonic() - self._began > _PATIENCE:
            self._shown = True
            self._session.streams.err.write(_START + _text(event))
            self._session.streams.err.flush()

    def _clear(self) -> None:
        if self._shown:
            self._shown = False
            self._session.streams.err.write(_START)
            self._session.streams.err.flush()

    def __exit__(self, *_failure: object) -> None:
        self._clear()


def _text(event: Event) -> str:
    """Return how much of what has come."""
    facts = dict(event.fields)
    total = facts.get("total", "")
    of = f" of {int(total) / _MEGABYTE:.1f}" if total.isdecimal() else ""
    name = "".join(char if char.isprintable() else "?" for char in event.message)
    return f"{int(facts.get('done', '0')) / _MEGABYTE:.1f}{of} MB  {name}"[:79]
