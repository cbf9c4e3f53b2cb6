"""Frozen records."""

from __future__ import annotations

import pickle

import pytest

from pilothouse.records import Record, field


class Point(Record):
    """A record for these tests."""

    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list)


class Named(Point):
    """A record on top of another."""

    name: str = ""


def test_fields_are_named_and_defaulted() -> None:
    """A record is made by naming its fields, those with defaults may be left out."""
    point = Point(x=1)
    assert (point.x, point.y, point.tags) == (1, 0, [])
    assert repr(point) == "Point(x=1, y=0, tags=[])"


def test_defaults_are_made_anew() -> None:
    """Two records do not share a default that can change."""
    assert Point(x=1).tags is not Point(x=1).tags


def test_missing_and_unknown_fields_are_refused() -> None:
    """A forgotten or mistyped field is an error that names it."""
    with pytest.raises(TypeError, match="misses the field 'x'"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="no field 'z'"):
        Point(x=1, z=2)  # type: ignore[call-arg]


def test_records_are_frozen() -> None:
    """A record does not change after it is made."""
    point = Point(x=1)
    with pytest.raises(AttributeError, match="frozen"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del point.x


def test_replace_makes_a_changed_copy() -> None:
    """A copy has the changes and all else of the original."""
    assert Named(x=1, name="a").replace(name="b") == Named(x=1, name="b")


def test_equality_needs_the_same_type() -> None:
    """Records of different types are different, whatever their fields."""
    assert Point(x=1) != Named(x=1)
    assert Point(x=1) == Point(x=1)


def test_records_can_be_pickled() -> None:
    """A record survives pickling."""
    assert pickle.loads(pickle.dumps(Named(x=1, name="a"))) == Named(x=1, name="a")
