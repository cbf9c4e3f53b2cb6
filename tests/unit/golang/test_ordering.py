"""The order of map keys."""

from __future__ import annotations

from pilothouse.golang.ordering import sorted_keys


def test_keys_are_sorted_by_bytes() -> None:
    """Maps are visited in the order of their keys' bytes."""
    assert sorted_keys({"b": 1, "é": 2, "B": 3, "a\udcff": 4, "aé": 5}) == ["B", "aé", "a\udcff", "b", "é"]
    assert sorted_keys({3: 0, 1: 0}) == [1, 3]
