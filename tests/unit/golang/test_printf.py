"""Go's fmt package."""

from __future__ import annotations

import pytest

from pilothouse.golang.kinds import Int64, StringList, StringMap, Uint8
from pilothouse.golang.printf import show, sprint, sprintf, sprintln


@pytest.mark.parametrize(
    ("template", "arguments", "expected"),
    [
        ("%d|%5d|%-5d|%05d|%+d|% d", (1, 2, 3, 4, 5, 6), "1|    2|3    |00004|+5| 6"),
        ("%x %X %#x %o %O %b", (255, 255, 255, 8, 8, 5), "ff FF 0xff 10 0o10 101"),
        ("%s %q %x %10s|%-6s|%.2s", ("a", "b\n", "é", "c", "d", "efg"), 'a "b\\n" c3a9          c|d     |ef'),
        ("%v %v %v", (1e6, 100000.0, 1e-5), "1e+06 100000 1e-05"),
        ("%f %.2f %e %g %8.3f|", (1.5, 1.255, 12345.678, 1e21, 3.14159), "1.500000 1.25 1.234568e+04 1e+21    3.142|"),
        ("%t %v", (True, False), "true false"),
        ("%c %U %#U %q", (0x1F600, 0x1F600, 97, 97), "😀 U+1F600 U+0061 'a' 'a'"),
        ("%v %d", ([1, "a", None, 1.5], [1, 2]), "[1 a <nil> 1.5] [1 2]"),
        ("%v", ({"b": 1, "a": {"c": None}},), "map[a:map[c:<nil>] b:1]"),
        ("%T %T %T %T", (1, "a", [], None), "int string []interface {} <nil>"),
        ("%[2]d %[1]d", (1, 2), "2 1"),
        ("%*d|%.*f", (4, 7, 1, 2.55), "   7|2.5"),
        ("%5%|%%", (), "%|%"),
    ],
)
def test_verbs(template: str, arguments: tuple[object, ...], expected: str) -> None:
    """Verbs, flags, widths and precisions print what Go prints."""
    assert sprintf(template, *arguments) == expected


@pytest.mark.parametrize(
    ("template", "arguments", "expected"),
    [
        ("%d", (1.5,), "%!d(float64=1.5)"),
        ("%s", (1,), "%!s(int=1)"),
        ("%s", ([1],), "[%!s(int=1)]"),
        ("%d", (None,), "%!d(<nil>)"),
        ("%d", (), "%!d(MISSING)"),
        ("%", (), "%!(NOVERB)"),
        ("a", (1, "x", None), "a%!(EXTRA int=1, string=x, <nil>)"),
        ("%[3]d", (1,), "%!d(BADINDEX)"),
        ("%*d", ("a", 1), "%!(BADWIDTH)1"),
        ("%z", (True,), "%!z(bool=true)"),
    ],
)
def test_mistakes(template: str, arguments: tuple[object, ...], expected: str) -> None:
    """A verb that does not fit its operand is reported inside the text, as Go does."""
    assert sprintf(template, *arguments) == expected


def test_print_puts_blanks_only_between_operands_that_are_no_strings() -> None:
    """Print and Println space their operands as fmt does."""
    assert sprint(1, 2, "a", 3, None, [1]) == "1 2a3 <nil> [1]"
    assert sprintln("a", 1) == "a 1\n"


def test_go_types_show_as_their_kind() -> None:
    """Values of named Go types print like the kind they are."""
    assert show(Int64(5)) == "5"
    assert show(StringList(["a", "b"])) == "[a b]"
    assert show(StringMap({"k": "v"})) == "map[k:v]"
    assert sprintf("%T %T", Uint8(1), StringList()) == "uint8 []string"


def test_bytes_that_are_no_text() -> None:
    """Strings are bytes: what is no UTF-8 counts, quotes and prints byte by byte."""
    assert sprintf("%q %x", "a\udcff", "\udcff") == '"a\\xff" ff'
