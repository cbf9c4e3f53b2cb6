"""eq and lt."""

from __future__ import annotations

import pytest

from pilothouse.golang.comparison import equal, less
from pilothouse.golang.functions import FunctionError
from pilothouse.golang.kinds import Int64, StringList, Uint8


def test_equal_compares_basic_kinds_only() -> None:
    """Numbers of the same sort are equal by value, nil equals nil, the rest is an error."""
    assert equal(1, 2, 1)
    assert equal(Int64(1), 1)
    assert equal(Uint8(7), 7)
    assert equal(None, None)
    assert not equal(None, "x")
    with pytest.raises(FunctionError, match="incompatible types for comparison: int and float64"):
        equal(1, 1.0)
    with pytest.raises(FunctionError, match=r"^incompatible types for comparison$"):
        equal(1, 1.0, go="1.22")
    with pytest.raises(FunctionError, match="non-comparable type"):
        equal({}, {})


def test_equal_wants_one_kind_and_comparable_types() -> None:
    """Other kinds are refused with both values, maps and lists with the right one; nil ones are equal to nil."""
    with pytest.raises(FunctionError, match=r"^non-comparable types map\[\]: map\[string\]interface \{\}, .*: \[2\]$"):
        equal({}, [2])
    with pytest.raises(FunctionError, match=r"^non-comparable type \[a\]: \[\]string$"):
        equal([1], StringList(["a"]))
    assert equal(_NilList(), None)
    assert equal(None, _NilList())
    assert equal(_NilList(), _NilList())
    assert not equal([], _NilList())


class _NilList(StringList):
    go_nil = True


def test_less_orders_numbers_and_strings() -> None:
    """Strings are ordered by their bytes; booleans have no order."""
    assert less("Z", "a")
    assert less("\uffff", "\U00010000")
    assert less("é", "\udcff")
    with pytest.raises(FunctionError, match="invalid type for comparison"):
        less(True, False)
    with pytest.raises(FunctionError, match="invalid type for comparison"):
        less(None, 1)
