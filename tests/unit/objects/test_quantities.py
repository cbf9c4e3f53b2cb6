"""Quantities are exact, and written in canonical form."""

from __future__ import annotations

import pytest

from pilothouse.objects.errors import QuantityError
from pilothouse.objects.quantities import canonical, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("500m", "500m"),
        ("0.5", "500m"),
        ("1.5Gi", "1536Mi"),
        ("1024Ki", "1Mi"),
        ("1000", "1k"),
        ("1e3", "1e3"),
        ("1500000000", "1500M"),
        ("0.1Ki", "102400m"),
        ("128974848", "128974848"),
        ("0", "0"),
        ("-1500m", "-1500m"),
        ("1n", "1n"),
        ("0.1n", "1n"),
        ("12E", "12E"),
        (2, "2"),
        (2.5, "2500m"),
    ],
)
def test_canonical_form(text: str, expected: str) -> None:
    """The server stores quantities in one spelling."""
    assert canonical(text) == expected


@pytest.mark.parametrize("text", ["", "x", "1x", "1.2.3", "Mi", "1 Gi", "1" * 5000])
def test_wrong_quantities(text: str) -> None:
    """What is no quantity is refused."""
    with pytest.raises(QuantityError):
        parse(text)


def test_comparison() -> None:
    """Notation does not count when amounts are compared."""
    assert parse("1Gi") == parse("1024Mi") == parse("1073741824")
    assert parse("1G") < parse("1Gi")
    assert str(parse("500m") + parse("1")) == "1500m"
