"""The objects that are waited for, as a table on a terminal that moves until they are ready and then is gone."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from pilothouse.clock import Clock
    from pilothouse.commandline.terminal import TextOutput
    from pilothouse.progress import Event, ObjectState

#: Seconds that work may take before a table is worth its import.
PATIENCE = 1.0
_WORDS = {"Current": "ready", "InProgress": "waiting", "NotFound": "missing", "Terminating": "going"}
_STYLES = {"Current": "green", "Failed": "red", "InProgress": "yellow", "NotFound": "yellow"}


class WaitingTable:
    """Shows waits on a terminal, from the second second on.

    Args:
        output: Where to show it.
        clock: Time.
        colour: Whether it is coloured.
    """

    __slots__ = ("_began", "_clock", "_colour", "_live", "_output")

    def __init__(self, output: TextOutput, clock: Clock, *, colour: bool) -> None:
        self._output = output
        self._clock = clock
        self._colour = colour
        self._began: float | None = None
        self._live: Any = None

    def show(self, event: Event) -> None:
        """Show how the objects of an event are."""
        now = self._clock.monotonic()
        if self._began is None:
            self._began = now
        if now - self._began < PATIENCE:
            return
        if self._live is None:
            self._live = self._started()
        self._live.update(self._drawn(event, now - self._began), refresh=True)

    def clear(self) -> None:
        """Take the table away, for a line that is printed or for good."""
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def _started(self) -> Any:
        from rich.console import Console
        from rich.live import Live

        console = Console(
            file=_TextFile(self._output),  # type: ignore[arg-type]
            force_terminal=True,
            no_color=not self._colour,
            highlight=False,
            markup=False,
            emoji=False,
        )
        live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False)
        live.start()
        return live

    def _drawn(self, event: Event, seconds: float) -> Any:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        ready = sum(state.status == "Current" for state in event.objects)
        head = f"{event.message}: {ready} of {len(event.objects)}, {int(seconds)} s"
        table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
        for name in ("RESOURCE", "READY", "STATUS"):
            table.add_column(name, no_wrap=True)
        table.add_column("NEWS", no_wrap=True, overflow="ellipsis", ratio=1)
        shown, logs = _chosen(event.objects, _height())
        for state in shown:
            word = _WORDS.get(state.status, state.status.lower())
            news = "" if state.status == "Current" else state.event or state.message
            style = _STYLES.get(state.status, "")
            table.add_row(
                _printable(f"{state.kind}/{state.name}"), state.ready, Text(word, style=style), _printable(news)
            )
        rest = len(event.objects) - len(shown)
        lines = [Text(f"and {rest} more")] if rest else []
        for name, line in logs:
            lines.append(Text(_printable(f"{name} | {line}"), style="dim", no_wrap=True, overflow="ellipsis"))
        return Group(Text(head), table, *lines)


class _TextFile:
    """What rich writes to: a text file without the methods that it does not use."""

    def __init__(self, output: TextOutput) -> None:
        self._output = output

    def write(self, text: str) -> int:
        self._output.write(text)
        return len(text)

    def flush(self) -> None:
        self._output.flush()

    def isatty(self) -> bool:
        return True


def plain_text(event: Event) -> str:
    """Return how the objects of an event are, on one line."""
    waiting = [state for state in event.objects if state.status != "Current"]
    return ", ".join(
        " ".join(part for part in (f"{state.kind}/{state.name}", state.ready, state.message) if part)
        for state in waiting[:5]
    ) + (f" and {len(waiting) - 5} more" if len(waiting) > 5 else "")


def _height() -> int:
    try:
        return os.get_terminal_size(2).lines or 24
    except OSError:
        return 24


def _chosen(states: Sequence[ObjectState], height: int) -> tuple[list[ObjectState], list[tuple[str, str]]]:
    """Return the objects that find room, those that are not ready before the others, and lines of logs below them."""
    room = max(3, height - 4)
    unready = [state for state in states if state.status != "Current"]
    logs = [(state.name, line) for state in unready for line in state.log]
    logs = logs[: room // 3]
    ready = [state for state in states if state.status == "Current"]
    chosen = {id(state) for state in (unready + ready)[: room - len(logs)]}
    return [state for state in states if id(state) in chosen], logs


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
