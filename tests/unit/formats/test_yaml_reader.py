"""The quick reader: it accepts ordinary YAML, and reads it exactly as the full reader does."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.formats.errors import FormatError
from pilothouse.formats.scalars import resolve_json
from pilothouse.formats.yaml_events import read_document
from pilothouse.formats.yaml_keys import Unusual
from pilothouse.formats.yaml_reader import prepare, read


def agree(text: str | bytes) -> bool:
    """Tell whether the quick reader took the text; fail if the full reader reads it otherwise."""
    try:
        quick = read(prepare(text), resolve_json)
    except Unusual:
        return False
    assert repr(quick) == repr(read_document(text, resolve_json)), text
    return True


def test_values_of_real_charts_are_read_quickly_and_equally(shared: Path) -> None:
    """Nearly all values files of real charts need only the quick reader, which agrees with the full one."""
    taken = total = 0
    for archive in sorted((shared / "corpus" / "charts").glob("*.tgz"))[::12]:
        with tarfile.open(archive) as members:
            for member in members:
                if not member.isfile() or member.size > 100_000 or not member.name.endswith("values.yaml"):
                    continue
                found = members.extractfile(member)
                total += 1
                taken += agree((found or io.BytesIO()).read())
    assert taken >= 0.9 * total > 0


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\nb:\n  c: [x, {y: z}]\n  d: {}\n",
        "a:\n- b: 1\n  c: 2\n-\n  d: 3\n- - e\n  - f\n",
        "a: |\n  x\n\n   y\nb: >-\n  p\n  q\n\n  r\nc: |+\n  z\n\n",
        "a: one\n  two\n\n  three # c\nb: 'x\n  y'\nc: \"p\\\n  q\\u00e9\"\n",
        "---\n# c\na: x # d\n\nb: y#z\n...\n",
        "composite:main: 1\n'q k': 2\n\"on\": 3\non: 4\n1.10: 5\n",
        "text on its own",
        "a: |2\n   x\n  y\n",
        "a: >\n\n  x\n   y\n  z\n",
        "- |\n a\n- b\n",
    ],
)
def test_ordinary_forms_are_taken(text: str) -> None:
    """What values files and manifests are made of does not need the full reader."""
    assert agree(text)


@pytest.mark.parametrize(
    "text", ["a: &x 1\n", "a: !!str 1\n", "? a\n", "a: b: c\n", "a:\n\tb: 1\n", "%YAML 1.1\n---\na: 1\n"]
)
def test_the_rest_is_handed_over(text: str) -> None:
    """Anchors, tags, explicit keys, directives and errors are left to the full reader."""
    with pytest.raises(Unusual):
        read(prepare(text), resolve_json)


_PIECES = [
    "a: 1",
    "b:",
    "  c: x y",
    "  - d",
    "- e",
    "- f: 1",
    "  g: ",
    "    h",
    "  i",
    "",
    "# j",
    "k: 'l'",
    'm: "n\\t"',
    "o: [p, q]",
    "r: {s: t}",
    "  u: >-",
    "   v",
    "w: x: y",
    "---",
    "  - - z",
    "-",
    "'a': b # c",
    "  continued",
    "...",
    "a: b#c",
    "a:b",
    "  ? d",
    "x: [1,",
    "2]",
    'y: "p',
    'q"',
    "  z: !t 1",
    "a: &b c",
    "d: *b",
    " odd: 1",
    "  g: |",
    "h: |2-",
]
_LINES = st.lists(st.sampled_from(_PIECES), max_size=9)


@settings(max_examples=300, deadline=None)
@given(_LINES)
def test_no_text_is_read_in_two_ways(lines: list[str]) -> None:
    """Whatever the quick reader takes, the full reader takes too, with the same value."""
    text = "\n".join(lines)
    try:
        agree(text)
    except FormatError as error:
        pytest.fail(f"the full reader refuses what the quick one took: {error} in {text!r}")
