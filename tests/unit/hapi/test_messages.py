"""The wire types of Helm 2."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

pytest.importorskip("google.protobuf")

from pilothouse.hapi import messages

REPOSITORY = Path(__file__).resolve().parents[3]


def test_descriptors_are_what_the_generator_writes() -> None:
    """The package data agrees with the description of the fields."""
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "scripts/generate-hapi"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_fields_have_helms_numbers() -> None:
    """A message that is written by hand, field by field, is understood."""
    data = b"\x0a\x04demo\x12\x0a\x0a\x02\x08\x01\x2a\x04done\x38\x07\x42\x03web"
    release = messages.parse(messages.ReleaseMessage, data)
    assert (release.name, release.info.status.code, release.info.Description) == ("demo", 1, "done")
    assert (release.version, release.namespace) == (7, "web")
    assert messages.serialize(release) == data


def test_a_service_knows_which_calls_stream() -> None:
    """ListReleases and RunReleaseTest answer with streams, the eight other calls with one message."""
    calls = messages.calls_of(messages.SERVICE)
    assert len(calls) == 10
    assert {name for name, call in calls.items() if call.streams_responses} == {"ListReleases", "RunReleaseTest"}
    assert not any(call.streams_requests for call in calls.values())


def test_bytes_that_are_no_message_are_an_error_of_ours() -> None:
    """Garbage raises an error that a face can show."""
    with pytest.raises(messages.MessageInvalid, match=r"cannot parse hapi\.release\.Release"):
        messages.parse(messages.ReleaseMessage, b"\xff\xff\xff")


def test_unknown_fields_survive() -> None:
    """A field of a later version is written again."""
    data = b"\x0a\x01x\xc2\x3e\x05later"
    assert messages.serialize(messages.parse(messages.ReleaseMessage, data)) == data


def test_enum_names() -> None:
    """A value's name is shown, and the number of a value without one."""
    assert messages.enum_name(messages.StatusMessage, "Code", 6) == "PENDING_INSTALL"
    assert messages.enum_name(messages.StatusMessage, "Code", 99) == "99"


def test_classes_of_fields_live_on() -> None:
    """The class of a nested message is not dropped between two uses: making it again is no work for two threads."""
    kind = weakref.ref(type(messages.ReleaseMessage().info.first_deployed))
    gc.collect()
    assert kind() is not None
