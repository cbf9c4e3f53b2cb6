"""The order in which go-yaml writes the keys of a mapping: ``keyList.Less`` of its encoder."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def _is_simple(keys: str) -> bool:
    """Tell whether keys have only characters with which the order by code point is the one wanted."""
    letters = keys.replace("-", "").replace(".", "").replace("/", "").replace(" ", "")
    return letters.isascii() and (letters.isalpha() or letters == "")


def _number(key: str, start: int, other: str) -> tuple[int, int]:
    """Return value and end of the digits that decide between two keys at ``start``."""
    first = 0
    if key[start] == "0" or other[start] == "0":
        back = start - 1
        while back >= 0 and key[back].isdecimal():
            if key[back] != "0":
                first = 1
                break
            back -= 1
    value, end = first, start
    while end < len(key) and key[end].isdecimal():
        value = value * 10 + ord(key[end]) - 48
        end += 1
    return _signed(value), end


def _signed(value: int) -> int:
    """Wrap around as int64 does."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def _compare(left: str, right: str, *, digits_first: bool) -> int:
    """Compare two keys; ``digits_first`` is go-yaml v3's rule that after a digit a letter comes first."""
    digits = False
    for index in range(min(len(left), len(right))):
        one, two = left[index], right[index]
        if one == two:
            digits = one.isdecimal()
            continue
        letters = one.isalpha(), two.isalpha()
        if letters[0] and letters[1]:
            return -1 if one < two else 1
        if letters[0] or letters[1]:
            first = letters[0] if digits and digits_first else letters[1]
            return -1 if first else 1
        left_value, left_end = _number(left, index, right)
        right_value, right_end = _number(right, index, left)
        if left_value != right_value:
            return -1 if left_value < right_value else 1
        if left_end != right_end:
            return -1 if left_end < right_end else 1
        return -1 if one < two else 1
    return len(left) - len(right)


def _compare_v2(left: str, right: str) -> int:
    return _compare(left, right, digits_first=False)


def _compare_v3(left: str, right: str) -> int:
    return _compare(left, right, digits_first=True)


def sorted_keys(keys: Iterable[str], *, pretty: bool = False) -> list[str]:
    """Return ``keys`` in go-yaml's order, v3's when ``pretty``.

    The relation is not transitive, and Go's order of such keys differs from run to run; ours is stable.
    """
    ordered = sorted(keys)
    if _is_simple("".join(ordered)):
        return ordered
    from functools import cmp_to_key

    return sorted(ordered, key=cmp_to_key(_compare_v3 if pretty else _compare_v2))
