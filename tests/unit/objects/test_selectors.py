"""Selectors choose as Kubernetes does, and fail in its words."""

from __future__ import annotations

import pytest

from pilothouse.objects import selectors
from pilothouse.objects.errors import SelectorError


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("", {}, True),
        ("a=b", {"a": "b"}, True),
        ("a==b", {"a": "c"}, False),
        ("a!=b", {}, True),
        ("a", {"a": ""}, True),
        ("!a", {"a": ""}, False),
        ("a in (b, c)", {"a": "c"}, True),
        ("a notin (b,c)", {}, True),
        ("a in (,)", {"a": ""}, True),
        ("a>5", {"a": "6"}, True),
        ("a<5", {"a": "6"}, False),
        ("a>5", {"a": "x"}, False),
        ("in in (in)", {"in": "in"}, True),
        ("a=b,c!=d", {"a": "b", "c": "d"}, False),
    ],
)
def test_label_selectors_match(text: str, labels: dict[str, str], expected: bool) -> None:  # noqa: FBT001
    """Every operator means what Kubernetes means by it."""
    assert selectors.parse(text).matches(labels) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (",", "found ',', expected: !, identifier, or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        ("a=b)", "found ')', expected: ',' or 'end of string'"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a>x", "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators,"),
        ("a=_", 'unable to parse requirement: values[0][a]: Invalid value: "_": a valid label must be'),
        ("-a=b", 'unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of'),
    ],
)
def test_label_selector_errors(text: str, message: str) -> None:
    """A selector that cannot be read is refused with Go's text."""
    with pytest.raises(SelectorError) as caught:
        selectors.parse(text)
    assert caught.value.message.startswith(message)


def test_selectors_of_objects() -> None:
    """A missing selector chooses nothing, an empty one everything, and all parts must hold."""
    assert not selectors.from_object(None).matches({})
    assert selectors.from_object({}).matches({})
    chosen = selectors.from_object(
        {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "c", "operator": "NotIn", "values": ["d"]}]}
    )
    assert chosen.matches({"a": "b"})
    assert not chosen.matches({"a": "b", "c": "d"})
    assert str(chosen) == "a=b,c notin (d)"
    with pytest.raises(SelectorError, match='"Is" is not a valid label selector operator'):
        selectors.from_object({"matchExpressions": [{"key": "c", "operator": "Is"}]})


def test_field_selectors() -> None:
    """Terms are compared as text, with escapes."""
    chosen = selectors.parse_fields("metadata.name=a\\,b,status.phase!=Running")
    values = {"metadata.name": "a,b", "status.phase": "Pending"}
    assert chosen.matches(lambda field: values.get(field, ""))
    with pytest.raises(SelectorError, match="invalid selector: 'a'; can't understand 'a'"):
        selectors.parse_fields("a")
