"""``tiller --trace``: pages about calls and the process, where Go's ``net/trace``, ``expvar`` and ``pprof`` have them.

They tell which calls run and ran, how long and how they ended, and nothing of what was in them.
"""

from __future__ import annotations

import html
import json
import sys
import threading
import time
import traceback
from collections import deque

from pilothouse.hapi.messages import SERVICE
from pilothouse.records import Record
from pilothouse.tiller.pages import TEXT, PageServer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pilothouse.clock import Clock
    from pilothouse.tiller.pages import Page

#: Calls of a name that are kept after their end.
_LATEST = 10
_HTML, _JSON = "text/html; charset=utf-8", "application/json; charset=utf-8"


class TracedCall(Record):
    """One call: its name, who sent it, when it began, how long it took and how it ended."""

    name: str
    peer: str
    begun: float
    seconds: float = 0.0
    status: str = ""


class CallTrace:
    """Remembers the calls that run, and the latest of each name that ended; any number of threads may tell it.

    Args:
        clock: The time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._active: dict[int, TracedCall] = {}
        self._ended: dict[str, deque[TracedCall]] = {}

    def begin(self, key: object, name: str, peer: str) -> None:
        """Take note that a call begins."""
        with self._lock:
            self._active[id(key)] = TracedCall(name=name, peer=peer, begun=self._clock.now())

    def end(self, key: object, status: str) -> None:
        """Take note that it has ended."""
        with self._lock:
            call = self._active.pop(id(key), None)
            if call is not None:
                done = call.replace(seconds=self._clock.now() - call.begun, status=status)
                self._ended.setdefault(call.name, deque(maxlen=_LATEST)).append(done)

    def calls(self) -> list[TracedCall]:
        """Return the calls, those that run first, then the latest ones."""
        with self._lock:
            ended = [call for calls in self._ended.values() for call in calls]
            return [*self._active.values(), *sorted(ended, key=lambda call: -call.begun)]

    def page(self) -> str:
        """Return the page ``/debug/requests``."""
        rows = "".join(map(_row, self.calls()))
        return f"<title>/debug/requests</title><h1>grpc.Recv.{SERVICE}</h1><table>{rows}</table>\n"


def _row(call: TracedCall) -> str:
    began = time.strftime("%Y/%m/%d %H:%M:%S", time.localtime(call.begun))
    cells = (began, f"{call.seconds:.6f}", call.name, call.peer, call.status or "active")
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>\n"


def _links(*places: str) -> str:
    return "".join(f'<a href="{place}">{place}</a>\n' for place in places)


def _stacks() -> str:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    parts = []
    for number, frame in sys._current_frames().items():  # noqa: SLF001 - what the interpreter offers for this
        parts.append(f"thread {names.get(number, number)}:\n{''.join(traceback.format_stack(frame))}")
    return "\n".join(parts)


def _process(arguments: Sequence[str]) -> Iterator[tuple[str, object]]:
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    yield "cmdline", list(arguments)
    yield "memstats", {"Sys": used.ru_maxrss * 1024, "NumThreads": threading.active_count()}


class TraceServer(PageServer):
    """Serves the pages.

    Args:
        host: Where to listen, empty for all addresses.
        port: The port, 0 for any.
        trace: The calls.
        arguments: The command line.
    """

    def __init__(self, host: str, port: int, trace: CallTrace, arguments: Sequence[str]) -> None:
        pages: dict[str, Page] = {
            "/": (lambda: _links("/debug/requests", "/debug/events"), _HTML),
            "/debug/requests": (trace.page, _HTML),
            "/debug/events": (lambda: "<title>events</title><h1>/debug/events</h1>\n", _HTML),
            "/debug/vars": (lambda: json.dumps(dict(_process(arguments))) + "\n", _JSON),
            "/debug/pprof/": (lambda: _links("cmdline", "goroutine"), _HTML),
            "/debug/pprof/cmdline": (lambda: "\0".join(arguments), TEXT),
            "/debug/pprof/goroutine": (_stacks, TEXT),
        }
        super().__init__(host, port, pages)
