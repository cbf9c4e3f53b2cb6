"""Whether the owner of an operation may still be at work."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pilothouse.apply import owner
from pilothouse.releases.journal import Journal, Owner, decode

NOW = 1000.0


def journal(of: Owner, renewed: float = NOW) -> Journal:
    """Return the journal of an owner."""
    return Journal(owner=of, verb="upgrade", renewed=renewed)


def test_this_process_is_alive_while_its_operation_is() -> None:
    """Not before, and not when it has ended."""
    this = owner.this_process()
    assert not owner.is_alive(journal(this), NOW)
    owner.begin(this)
    assert owner.is_alive(journal(this), NOW)
    owner.end(this)
    assert not owner.is_alive(journal(this), NOW)


@pytest.mark.skipif(not os.path.exists("/proc/self/ns/pid"), reason="only Linux tells where a process id is from")
def test_another_process_is_alive_until_it_ends() -> None:
    """A process id that is no longer in use, or belongs to a later process, is gone, however fresh its lease is."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        other = owner.this_process().replace(pid=process.pid, started=owner._stat(process.pid, owner._START_FIELD))
        assert owner.is_alive(journal(other), NOW)
        assert not owner.is_alive(journal(other.replace(started="1")), NOW)
        assert not owner.is_alive(journal(other, NOW - owner.LEASE - 1), NOW)
        process.kill()
        process.wait()
    assert not owner.is_alive(journal(other), NOW)


def test_only_silence_tells_of_another_machine() -> None:
    """The process id of another machine says nothing here."""
    other = Owner(token="t", host="far", place="another boot", pid=1 << 22, started="5")
    assert owner.is_alive(journal(other), NOW)
    assert not owner.is_alive(journal(other, NOW - owner.LEASE - 1), NOW)
    assert owner.is_alive(journal(other.replace(place="")), NOW)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"form": 2}', '{"form": 1, "owner": 3}', None, 7])
def test_what_is_no_journal_is_none(text: object) -> None:
    """Annotations are other people's text."""
    assert decode(text) is None


def test_a_journal_is_read_back() -> None:
    """Everything that is stored comes back; a broken plan is an empty one."""
    written = journal(owner.this_process()).replace(plan="%", stage=2, done=3)
    assert decode(written.encode()) == written
    assert written.decoded_plan().stages == ()
