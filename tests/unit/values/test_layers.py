"""The layers of a user's values."""

from __future__ import annotations

import pytest

from pilothouse.values.errors import ValuesError
from pilothouse.values.layers import ValueOptions, merge_user_values

FILES = {
    "a.yaml": b"x: {p: 1, z: 2}\nl: [1]\n",
    "b.yaml": b"x: {p: null}\nl: [2]\n---\nw: 1\n",
    "t": b"text\n",
    "-": b"s: 1\n",
}


def read_file(path: str) -> bytes:
    """Return a file of the test."""
    if path not in FILES:
        raise FileNotFoundError(2, "No such file or directory")
    return FILES[path]


def test_order() -> None:
    """Files come first in their order, then JSON, assignments, strings, files' contents and literals."""
    options = ValueOptions(
        files=("a.yaml", "b.yaml", "-"),
        json=('{"x": {"j": 1}}', "k=[1]"),
        assignments=("k[1]=2,v=1",),
        strings=("v=2",),
        file_contents=("v=t",),
        literals=("q=a,b",),
    )
    assert merge_user_values(options, read_file=read_file) == {
        "x": {"p": None, "z": 2.0, "j": 1.0},
        "l": [2.0],
        "w": 1.0,
        "s": 1.0,
        "k": [1.0, 2],
        "v": "text\n",
        "q": "a,b",
    }


def test_helm_3_reads_the_first_document_only() -> None:
    """Helm 3 knows no streams of documents."""
    assert "w" not in merge_user_values(ValueOptions(files=("b.yaml",)), read_file=read_file, helm=3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ValueOptions(files=("nope",)), "open nope: no such file or directory"),
        (ValueOptions(assignments=("a",)), 'failed parsing --set data: key "a" has no value'),
        (ValueOptions(strings=("a",)), 'failed parsing --set-string data: key "a" has no value'),
        (ValueOptions(json=("a=x",)), "failed parsing --set-json data a=x"),
        (ValueOptions(json=('{"a"',)), 'failed parsing --set-json data JSON: {"a"'),
        (
            ValueOptions(file_contents=("a=nope",)),
            "failed parsing --set-file data: open nope: no such file or directory",
        ),
        (ValueOptions(literals=("a",)), 'failed parsing --set-literal data: key "a" has no value'),
    ],
)
def test_errors(options: ValueOptions, message: str) -> None:
    """Each layer names its flag or file."""
    with pytest.raises(ValuesError) as caught:
        merge_user_values(options, read_file=read_file)
    assert caught.value.message == message
