"""JSONPath picks parts of values as kubectl's does."""

from __future__ import annotations

import pytest

from pilothouse.actions.jsonpath import JsonPathInvalid, evaluate

VALUES = {
    "a": 1.0,
    "big": 1234567.0,
    "s": "text",
    "m": {"z": {"q": [1.0, 2.0, 3.0]}},
    "l": [{"name": "a", "v": 1.0}, {"name": "b", "v": 2.0}, {"name": "c"}],
    "x.y": 5.0,
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{.a}", "1"),
        ("{.big}", "1.234567e+06"),
        ("{.m}", '{"z":{"q":[1,2,3]}}'),
        ("{.m.z.q[0:2]} {.m.z.q[-1]}", "1 2 3"),
        ("{.m.z.q[::2]}", "1 3"),
        ("{.l[*].name}", "a b c"),
        ("{..name}", "a b c"),
        ('{.l[?(@.name=="c")]}', '{"name":"c"}'),
        ("{.l[?(@.v>1.5)].name}", ""),
        ("{.l[?(@.v)].name}", "a b"),
        ('{range .l[*]}{.name}{"\\n"}{end}', "a\nb\nc\n"),
        ("{.x\\.y} {['s']}", "5 text"),
        ("{.l[0,2].name}", "a c"),
        ("x{.nope}y", ""),
        ("{.m.z.q[]}", "1"),
        ("x{.m.z.q[::0]}", ""),
        ("x{.m.z.q[::-1]}", ""),
        ("x{.l[?($.m < $.m)]}", ""),
        ("x{.l[?($.m == $.m)]}", ""),
        ("x{.l[?(true < true)]}", ""),
        ("plain", "plain"),
    ],
)
def test_expressions(template: str, text: str) -> None:
    """Each form gives kubectl's text; anything missing leaves nothing."""
    assert evaluate(template, VALUES) == text


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{.a", "unclosed action"),
        ("{.l[x]}", "invalid array index x"),
        ("{.l[-]}", "array index - is not a number"),
        ("{.l[0:99999999999999999999]}", "array index 99999999999999999999 is not a number"),
        ('{.l[0]["name"]}', 'invalid array index "name"'),
    ],
)
def test_what_cannot_be_read(template: str, reason: str) -> None:
    """A broken expression is an error with its reason."""
    with pytest.raises(JsonPathInvalid) as caught:
        evaluate(template, VALUES)
    assert caught.value.message == f"error parsing jsonpath {template}: {reason}"
