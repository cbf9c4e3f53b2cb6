"""Times of records."""

from __future__ import annotations

import pytest

from pilothouse.cli.output.times import ansic, go_string, in_layout, whole_seconds


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2020-02-02T03:04:05.123Z", "Sun Feb  2 03:04:05 2020"),
        ("1977-09-02T22:04:05+02:00", "Fri Sep  2 22:04:05 1977"),
        ("2000-02-29T00:00:00Z", "Tue Feb 29 00:00:00 2000"),
        ("", "Mon Jan  1 00:00:00 0001"),
    ],
)
def test_ansic_is_the_clock_of_the_stored_zone(stored: str, shown: str) -> None:
    """The time is not converted."""
    assert ansic(stored) == shown


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2020-02-02T03:04:05Z", "2020-02-02 03:04:05 +0000 UTC"),
        ("2020-02-02T03:04:05.120Z", "2020-02-02 03:04:05.12 +0000 UTC"),
        ("2020-02-02T03:04:05.000000000Z", "2020-02-02 03:04:05 +0000 UTC"),
        ("2020-02-02T03:04:05.5-11:45", "2020-02-02 03:04:05.5 -1145 -1145"),
    ],
)
def test_the_text_of_a_time_is_go_s(stored: str, shown: str) -> None:
    """A zone that is not the local one has no name."""
    assert go_string(stored) == shown


def test_other_forms() -> None:
    """Fractions can be left out, and a Go layout can be given."""
    assert whole_seconds("2020-02-02T03:04:05.123+02:00") == "2020-02-02T03:04:05+02:00"
    assert whole_seconds("") == "0001-01-01T00:00:00Z"
    assert in_layout("2020-02-02T03:04:05.123Z", "Jan 2, 2006 at 3:04pm") == "Feb 2, 2020 at 3:04am"
