"""Times are read, shown and reckoned with as Go's package time does."""

from __future__ import annotations

import pytest

from pilothouse.golang.durations import HOUR, MINUTE, SECOND, Duration, format_duration, parse_duration
from pilothouse.golang.functions import FunctionError
from pilothouse.golang.times import Month, Time, Weekday
from pilothouse.golang.zones import UTC, Zone, load_zone

ALL = (
    "Jan January 1 01 _2 2 02 002 __2 06 2006 3 03 15 4 04 5 05 PM pm Mon Monday MST "
    "-07 -0700 -07:00 Z07 .000 .999 ,000"
)


def test_every_element_of_a_layout() -> None:
    """Each element prints its part, and the rest stands as it is."""
    assert Time(1_700_000_000, 120_000_000).format(ALL) == (
        "Nov November 11 11 14 14 14 318 318 23 2023 10 10 22 13 13 20 20 PM pm Tue Tuesday UTC +00 +0000 +00:00 Z "
        ".120 .12 ,120"
    )


@pytest.mark.parametrize(
    ("layout", "text", "message"),
    [
        ("2006-01-02", "bad", 'parsing time "bad" as "2006-01-02": cannot parse "bad" as "2006"'),
        ("2006-01-02", "2021-13-01", 'parsing time "2021-13-01": month out of range'),
        ("2006-01-02", "2021-02-30", 'parsing time "2021-02-30": day out of range'),
        ("2006", "2021 x", 'parsing time "2021 x": extra text: " x"'),
        ("2006", "\u00e9", 'parsing time "\\xc3\\xa9" as "2006": cannot parse "\\xc3\\xa9" as "2006"'),
        ("15:04", "25:00", 'parsing time "25:00": hour out of range'),
        ("2006 002", "2021 366", 'parsing time "2021 366": day-of-year out of range'),
    ],
)
def test_parse_errors(layout: str, text: str, message: str) -> None:
    """What does not fit a layout fails with the text of time.ParseError."""
    with pytest.raises(FunctionError) as failure:
        Time.parse(layout, text)
    assert str(failure.value) == message


@pytest.mark.parametrize(
    ("layout", "text", "shown"),
    [
        ("2006-01-02T15:04:05Z07:00", "2021-03-14T01:59:59.5-05:00", "2021-03-14 01:59:59.5 -0500 -0500"),
        ("02 Jan 06 15:04 MST", "14 mar 21 10:00 PST", "2021-03-14 10:00:00 +0000 PST"),
        ("3:04PM", "12:30AM", "0000-01-01 00:30:00 +0000 UTC"),
        ("2006 002", "2020 060", "2020-02-29 00:00:00 +0000 UTC"),
        ("Mon Jan _2 2006", "Sun Mar  7 2021", "2021-03-07 00:00:00 +0000 UTC"),
    ],
)
def test_parsing_keeps_the_zone(layout: str, text: str, shown: str) -> None:
    """A parsed time prints with the zone it was written in."""
    assert str(Time.parse(layout, text)) == shown


def test_zones_of_the_database() -> None:
    """A zone has the offset and name of the moment, also in years beyond the calendar of Python."""
    zone = load_zone("America/New_York")
    assert zone is not None
    assert Time(0).in_zone(zone).format("15:04 MST") == "19:00 EST"
    assert Time(1_720_000_000).in_zone(zone).format("MST") == "EDT"
    assert Time(1 << 40).in_zone(zone).format("2006").startswith("368")
    assert Time.parse("2006-01-02 15:04", "2021-07-01 12:00", zone).seconds == 1_625_155_200
    assert load_zone("Nowhere/Bad") is None
    assert load_zone("../etc/passwd") is None


def test_years_beyond_the_calendar_of_python() -> None:
    """The calendar goes on before year 1 and after 9999."""
    assert Time(-62_135_596_801).format("2006-01-02") == "0000-12-31"
    assert Time(253_402_300_800).format("2006-01-02") == "10000-01-01"


def test_daylight_saving_beyond_the_calendar_of_python() -> None:
    """The rules of a zone hold for ever, and before they were made no clock is put forward."""
    zone = load_zone("Europe/Berlin")
    assert zone is not None
    is_dst = Time.go_methods["IsDST"].call
    summer, winter = Time.parse("2006-01-02", "2020-07-01", zone), Time.parse("2006-01-02", "2020-02-01", zone)
    assert is_dst(summer)
    assert is_dst(summer.plus_date(90_000, 0, 0))
    assert not is_dst(winter.plus_date(90_000, 0, 0))
    assert not is_dst(summer.plus_date(-90_000, 0, 0))


def test_calendar_arithmetic_normalizes() -> None:
    """A month too many days long runs over into the next."""
    assert Time.parse("2006-01-02", "2020-01-31").plus_date(0, 1, 0).format("2006-01-02") == "2020-03-02"


def test_methods_that_templates_call() -> None:
    """Parts of a time have Go's types, and comparisons compare moments."""
    time = Time.parse("2006-01-02", "2020-02-03")
    methods = Time.go_methods
    assert (str(methods["Month"].call(time)), str(methods["Weekday"].call(time))) == ("February", "Monday")
    assert isinstance(methods["Month"].call(time), Month)
    assert isinstance(methods["Weekday"].call(time), Weekday)
    assert methods["Equal"].call(time, time.in_zone(Zone("x", "x", 3_600)))
    assert time != time.in_zone(Zone("x", "x", 3_600))
    assert methods["Location"].call(time) is UTC


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("1h30m", 90 * MINUTE),
        ("-1.5h", -90 * MINUTE),
        ("100ms", SECOND // 10),
        ("1\u00b5s", 1_000),
        ("0", 0),
        (".5s", SECOND // 2),
    ],
)
def test_durations_are_read(text: str, span: int) -> None:
    """Numbers with units add up."""
    assert parse_duration(text) == span


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'time: invalid duration ""'),
        ("1", 'time: missing unit in duration "1"'),
        ("1x", 'time: unknown unit "x" in duration "1x"'),
        ("9999999h", 'time: invalid duration "9999999h"'),
        (".s", 'time: invalid duration ".s"'),
    ],
)
def test_bad_durations(text: str, message: str) -> None:
    """A bad duration fails with the text of time.ParseDuration."""
    with pytest.raises(FunctionError) as failure:
        parse_duration(text)
    assert str(failure.value) == message


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (0, "0s"),
        (90 * SECOND, "1m30s"),
        (1_500_000, "1.5ms"),
        (1_001, "1.001\u00b5s"),
        (-HOUR, "-1h0m0s"),
        (999, "999ns"),
    ],
)
def test_durations_are_printed(span: int, text: str) -> None:
    """Durations print in the units of Duration.String."""
    assert format_duration(span) == text


def test_durations_round_half_away_from_zero() -> None:
    """Rounding and cutting stop at the longest span there is."""
    assert Duration(90 * MINUTE).rounded(HOUR) == 2 * HOUR
    assert Duration(-90 * MINUTE).rounded(HOUR) == -2 * HOUR
    assert Duration(-90 * MINUTE).truncated(HOUR) == -HOUR
    assert Duration((1 << 63) - 1).rounded(HOUR) == (1 << 63) - 1
