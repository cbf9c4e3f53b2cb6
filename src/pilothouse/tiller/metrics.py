"""Counters of calls in the text format of Prometheus, named as Tiller's."""

from __future__ import annotations

import threading

from pilothouse.hapi.messages import SERVICE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_HELP = {
    "grpc_server_handled_total": "Total number of RPCs completed on the server, regardless of success or failure.",
    "grpc_server_msg_received_total": "Total number of RPC stream messages received on the server.",
    "grpc_server_msg_sent_total": "Total number of gRPC stream messages sent by the server.",
    "grpc_server_started_total": "Total number of RPCs started on the server.",
}


class Metrics:
    """Counts calls; any number of threads may count.

    Args:
        started: When the process began, in seconds since 1970.
    """

    def __init__(self, started: float) -> None:
        self._started = started
        self._lock = threading.Lock()
        self._counts: dict[str, dict[tuple[str, str, str], int]] = {name: {} for name in _HELP}

    def count(self, what: str, method: str, kind: str, code: str = "") -> None:
        """Count one event.

        Args:
            what: ``started``, ``handled``, ``msg_received`` or ``msg_sent``.
            method: Name of the call.
            kind: ``unary`` or ``server_stream``.
            code: For ``handled``, the status as Go names it.
        """
        counts = self._counts[f"grpc_server_{what}_total"]
        with self._lock:
            counts[method, kind, code] = counts.get((method, kind, code), 0) + 1

    def text(self) -> str:
        """Return all counters and what is known of the process."""
        return "".join(line + "\n" for line in [*self._lines(), *self._process()])

    def _lines(self) -> Iterator[str]:
        with self._lock:
            counts = {name: dict(found) for name, found in self._counts.items()}
        for name, found in counts.items():
            if not found:
                continue
            yield f"# HELP {name} {_HELP[name]}"
            yield f"# TYPE {name} counter"
            for (method, kind, code), number in sorted(found.items()):
                labels = f'grpc_code="{code}",' if code else ""
                yield f'{name}{{{labels}grpc_method="{method}",grpc_service="{SERVICE}",grpc_type="{kind}"}} {number}'

    def _process(self) -> Iterator[str]:
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        yield "# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds."
        yield "# TYPE process_cpu_seconds_total counter"
        yield f"process_cpu_seconds_total {used.ru_utime + used.ru_stime:.2f}"
        yield "# HELP process_start_time_seconds Start time of the process since unix epoch in seconds."
        yield "# TYPE process_start_time_seconds gauge"
        yield f"process_start_time_seconds {self._started:.2f}"
        yield "# HELP process_threads Number of threads in the process."
        yield "# TYPE process_threads gauge"
        yield f"process_threads {threading.active_count()}"
