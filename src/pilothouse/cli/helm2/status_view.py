"""The block that tells how a release is (``PrintStatus``)."""

from __future__ import annotations

import re

from pilothouse.cli.helm2.times import shown, shown_or
from pilothouse.commandline.tables import format_table
from pilothouse.commandline.tabwriter import align
from pilothouse.hapi.messages import StatusMessage, TestRunMessage, enum_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.hapi.messages import Message

_GAPS = re.compile(" {2,}")
_WIDEST_CELL = 50


def status_text(answer: Message) -> str:
    """Return a ``GetReleaseStatusResponse`` as text."""
    info = answer.info
    parts = [f"LAST DEPLOYED: {shown(info.last_deployed)}\n"] if info.HasField("last_deployed") else []
    parts.append(f"NAMESPACE: {answer.namespace}\nSTATUS: {enum_name(StatusMessage, 'Code', info.status.code)}\n\n")
    if info.status.resources:
        parts.append(f"RESOURCES:\n{align(_GAPS.sub(chr(9), info.status.resources))}\n")
    if info.status.HasField("last_test_suite_run"):
        suite = info.status.last_test_suite_run
        parts.append(
            f"TEST SUITE:\nLast Started: {shown(suite.started_at)}\nLast Completed: {shown(suite.completed_at)}\n\n"
            f"{_suite_table(suite)}\n"
        )
    if info.status.notes:
        parts.append(f"NOTES:\n{info.status.notes}\n")
    return "".join(parts)


def _suite_table(suite: Message) -> str:
    rows: list[tuple[str, ...]] = [("TEST", "STATUS", "INFO", "STARTED", "COMPLETED")]
    rows += [
        (
            result.name,
            f"{enum_name(TestRunMessage, 'Status', result.status):<10}",
            result.info,
            shown_or(result, "started_at", ""),
            shown_or(result, "completed_at", ""),
        )
        for result in suite.results
    ]
    return format_table(rows, maximum_width=_WIDEST_CELL)
