"""Methods and fields of Go structs."""

from __future__ import annotations

import pytest

from pilothouse.golang.functions import Function, FunctionError
from pilothouse.gotemplate.errors import ExecutionError
from pilothouse.gotemplate.template import Template


def _broken(_point: Point) -> None:
    raise FunctionError("no way")


class Point:
    """A struct with fields and methods."""

    go_type = "geo.Point"
    go_kind = "struct"
    go_fields = {"X": "x", "Label": "label"}
    go_methods = {
        "Scaled": Function(lambda point, factor: point.x * factor, "int"),
        "Named": Function(lambda point, name: f"{name}{point.x}", "string", result="string"),
        "Double": Function(lambda point: point.x * 2),
        "Broken": Function(_broken),
    }

    def __init__(self, x: int, label: str = "p") -> None:
        self.x = x
        self.label = label


def _execute(text: str) -> str:
    template = Template("set", {}, missing_key="zero")
    template.parse("t", text)
    return template.execute("t", {"P": Point(3), "m": {"a": 1}, "s": "text", "f": 1.5})


def test_fields_and_methods() -> None:
    """Fields are read, methods are called with converted arguments, and the pipeline feeds the last one."""
    assert _execute('{{ .P.X }} {{ .P.Double }} {{ .P.Scaled 2.0 }} {{ .P.Named "n" }} {{ .s | .P.Named }}') == (
        "3 6 6 n3 text3"
    )
    assert _execute("{{ .P }}") == "{3 p}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ .P.Y }}", "<.P.Y>: can't evaluate field Y in type interface {}"),
        ("{{ .P.Label.y }}", "<.P.Label.y>: can't evaluate field y in type string"),
        ("{{ .P.Named }}", "<.P.Named>: wrong number of args for Named: want 1 got 0"),
        ("{{ .P.Named 1 }}", "<1>: expected string; found 1"),
        ("{{ .P.Named .f }}", "<.f>: wrong type for value; expected string; got float64"),
        ("{{ .P.X 1 }}", "<.P.X>: X has arguments but cannot be invoked as function"),
        ("{{ .m.a 1 }}", "<.m.a>: a is not a method but has arguments"),
        ("{{ .P.Broken }}", "<.P.Broken>: error calling Broken: no way"),
    ],
)
def test_errors(text: str, expected: str) -> None:
    """Mistakes are told in Go's words."""
    with pytest.raises(ExecutionError) as raised:
        _execute(text)
    assert str(raised.value).partition(" at ")[2] == expected
