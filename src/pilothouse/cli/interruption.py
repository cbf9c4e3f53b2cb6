"""Ctrl-C and SIGTERM while a release is changed: say so and stop in good order."""

from __future__ import annotations

import signal
from contextlib import contextmanager

from pilothouse.errors import Cancelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Any

    from pilothouse.cli.session import Session


@contextmanager
def cancellable(session: Session, name: str) -> Iterator[None]:
    """Turn the first interrupt or termination into the cancellation of what is done to release ``name``."""
    told = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal told
        if told:  # Helm, too, hears only the first
            return
        told = True
        session.streams.out.line(f"Release {name} has been cancelled.")
        session.streams.out.flush()
        raise KeyboardInterrupt

    previous = _install(stop)
    try:
        yield
    except KeyboardInterrupt as error:
        raise Cancelled("context canceled") from error
    finally:
        for number, handler in previous:
            signal.signal(number, handler)


def _install(stop: Callable[[int, FrameType | None], None]) -> list[tuple[int, Any]]:
    """Set the handlers and return the earlier ones; outside the main thread there are none to set."""
    try:
        return [(number, signal.signal(number, stop)) for number in (signal.SIGINT, signal.SIGTERM)]
    except ValueError:
        return []
