"""When an object is ready: Helm's legacy rules and kstatus, as pure functions over objects.

::

    kstatus(deployment, now=clock.now())          # Readiness(status="InProgress", message="Available: 0/1")
    hook_status(job, now=clock.now())             # Jobs and Pods that are hooks
    legacy(deployment, replica_set=newest)        # Readiness(status="Current", message="")
"""

from __future__ import annotations

from pilothouse.objects.kstatus import hook_status, kstatus
from pilothouse.objects.legacy_readiness import legacy
from pilothouse.objects.progressing import (
    CURRENT,
    FAILED,
    IN_PROGRESS,
    NOT_FOUND,
    TERMINATING,
    UNKNOWN,
    Readiness,
)

__all__ = [
    "CURRENT",
    "FAILED",
    "IN_PROGRESS",
    "NOT_FOUND",
    "TERMINATING",
    "UNKNOWN",
    "Readiness",
    "hook_status",
    "kstatus",
    "legacy",
]
