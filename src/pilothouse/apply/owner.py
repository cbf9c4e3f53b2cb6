"""Who carries out an operation, and whether a process that began one is still there.

A process is known to be gone when its id is no longer in use on the machine where it ran: same boot, same namespace of
process ids, same start. From elsewhere, only its silence tells: it renews its lease while it lives.
"""

from __future__ import annotations

import os

from pilothouse.releases.journal import Owner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.releases.journal import Journal

#: Seconds after which an owner that was not heard of counts as gone.
LEASE = 60.0
#: Seconds between two signs of life while an operation waits.
HEARTBEAT = 15.0

_START_FIELD = 19  # of /proc/PID/stat after the name: the start time, in clock ticks since boot
_STATE_FIELD = 0
_ENDED = ("Z", "X")


_running: set[str] = set()


def begin(owner: Owner) -> None:
    """Take note that an operation of this process begins."""
    _running.add(owner.token)


def end(owner: Owner) -> None:
    """Take note that it has ended, well or not."""
    _running.discard(owner.token)


def this_process(entropy: Callable[[int], bytes] = os.urandom) -> Owner:
    """Return the owner of a new operation of this process."""
    pid = os.getpid()
    return Owner(
        token=entropy(12).hex(), host=os.uname().nodename, place=_place(), pid=pid, started=_stat(pid, _START_FIELD)
    )


def is_alive(journal: Journal, now: float) -> bool:
    """Return whether the owner of a journal may still be at work.

    Args:
        journal: The journal as stored.
        now: Seconds since 1970.
    """
    owner = journal.owner
    if owner.token in _running:
        return True
    if is_of_this_machine(owner) and (owner.pid == os.getpid() or not runs(owner)):
        return False
    return now - journal.renewed < LEASE


def is_of_this_machine(owner: Owner) -> bool:
    """Return whether the process ids that this process sees tell whether the owner runs."""
    return bool(owner.place) and owner.place == _place()


def runs(owner: Owner) -> bool:
    """Return whether an owner of this machine runs."""
    try:
        os.kill(owner.pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # it is there, and somebody else's
    if _stat(owner.pid, _STATE_FIELD) in _ENDED:
        return False
    started = _stat(owner.pid, _START_FIELD)
    return not started or not owner.started or started == owner.started


def _place() -> str:
    """Return what two processes share when each can see the other's process id, empty where nobody can tell."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read().strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _stat(pid: int, index: int) -> str:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[index]
    except (OSError, IndexError):
        return ""
