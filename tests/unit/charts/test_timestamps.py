"""Times are read and written as Go does it."""

from __future__ import annotations

import pytest

from pilothouse.charts.timestamps import local_time, normal_time
from pilothouse.errors import PilothouseError

WRONG = ["2024-01-00T03:04:05Z", "2024-00-02T03:04:05Z", "2024-01-02T03:60:05Z", "2024-01-02T03:04:05+30:00"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
        ("2024-01-02T03:04:05.120Z", "2024-01-02T03:04:05.12Z"),
        ("2024-01-02T03:04:05.000+00:00", "2024-01-02T03:04:05Z"),
        ("2024-01-31T23:04:05.1234567899-05:30", "2024-01-31T23:04:05.123456789-05:30"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)
def test_times_are_written_again_as_go_writes_them(text: str, wanted: str) -> None:
    """Zeros at the end of a fraction go, the zone stays."""
    assert normal_time(text) == wanted


@pytest.mark.parametrize("text", ["", "2024-01-02", "2024-13-02T03:04:05Z", "2024-02-30T03:04:05Z", "x", *WRONG])
def test_what_is_no_time_is_refused(text: str) -> None:
    """The text is Go's."""
    with pytest.raises(PilothouseError, match="parsing time"):
        normal_time(text)


def test_a_moment_has_up_to_nine_digits() -> None:
    """Locks hold the time in the local zone."""
    assert local_time(1_700_000_000_120_000_000)[10:].startswith("T")
    assert ".12" in local_time(1_700_000_000_120_000_000)
    assert "." not in local_time(1_700_000_000_000_000_000)
