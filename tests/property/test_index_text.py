"""The quick reader of indexes reads what it takes exactly as all of YAML is read."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.errors import PilothouseError
from pilothouse.formats.errors import YamlError
from pilothouse.formats.yaml_keys import Unusual
from pilothouse.formats.yaml_text import decode
from pilothouse.golang.kinds import YamlValue
from pilothouse.sources.repositories.duplicates import _Walk
from pilothouse.sources.repositories.fields import IndexDecoder, sanitize_texts
from pilothouse.sources.repositories.index_text import read_text

USUAL = {
    "name": "a",
    "version": "1.0.0",
    "appVersion": '"1.2"',
    "description": "some words: and more".replace(":", ","),
    "urls": "\n    - https://h/a-1.tgz",
    "keywords": "\n    - a\n    - b c",
    "digest": "0123abcd",
    "created": '"2024-01-02T03:04:05.100Z"',
    "maintainers": "\n    - email: a@b\n      name: A",
    "annotations": "\n      a/b: c\n      d: |\n        - e: f\n          g: h",
    "sources": "\n    - http://h/",
    "deprecated": "true",
    "type": "application",
    "home": "http://h/x?y=1&z",
}
_WORDS = "1.0 1 true yes ~ null 'q' 'it''s' \"a\\tb\" a#c - & *x %a <<  0x10 1e3 2020-01-01 é , ] key: a:b = ... ---"
ODD = (
    *_WORDS.split(" "),
    "'a: b'",
    "a: b",
    "a #c",
    "foo  bar",
    "[a, b]",
    "{a: b}",
    "&x y",
    "!!str 5",
    "'a\n      b'",
    '"a\n      b"',
    "a\n      b",
    "a\n   b",
    "a\n    - b",
    "|\n      x\n    # y\n      z",
    ">\n      x\n\n      y",
    "|\n      # x",
    "|2\n        x",
    "|+\n      x\n",
    "\n    - a: b\n      a: d",
    "\n      k: v\n      l: 5",
    "\n      'x y': b\n      x y: c",
    "\n      k: {a: b}\n      k: {c: d}",
    '\n      "a\\"b": c\n      k: d\n      k: e',
    "\n      ? k\n      j: e\n      j: f",
    "\n      k: a\n      l: *x",
    '\n    - "x"\n    - y # z',
    "\n    -\n    - b",
)
fields = st.sampled_from(sorted(USUAL)).flatmap(
    lambda key: st.tuples(st.just(key), st.one_of(st.just(USUAL[key]), st.just(USUAL[key]), st.sampled_from(ODD)))
)
separators = st.sampled_from(["\n    "] * 12 + ["\n\n    ", "\n    # c\n    ", "\n     ", "\n   "])
tails = st.sampled_from(
    ["", "", 'generated: "2020-01-01T00:00:00Z"\n', "# end\n", "  x: y\n", "...\n", "---\nfoo: 1\n"]
)


@st.composite
def indexes(draw: st.DrawFn) -> str:
    """Return the text of an index, mostly written as Helm writes it."""
    text = "apiVersion: v1\nentries:\n"
    for _ in range(draw(st.integers(1, 2))):
        text += "  " + draw(st.sampled_from(["a", "b", "c-1", "1", "true", "'q'"])) + ":\n"
        for _ in range(draw(st.integers(1, 2))):
            chosen = draw(st.lists(fields, min_size=1, max_size=4))
            text += "  - "
            for place, (key, value) in enumerate(chosen):
                text += (draw(separators) if place else "") + key + ":" + ("" if value[:1] == "\n" else " ") + value
            text += "\n"
    return text + draw(tails)


def _in_full(text: str) -> YamlValue:
    value = decode(text, integers=True)
    faults: list[str] = []
    _Walk(text.encode(), faults).document()
    if faults:
        raise YamlError(faults[0])
    found = IndexDecoder(strict=True).decode(value)
    for versions in found["entries"].values():
        for version in versions:
            sanitize_texts(version)
    return found


@settings(max_examples=400, deadline=None)
@given(indexes())
def test_the_quick_reader_reads_as_the_full_one(text: str) -> None:
    """What it does not decline has the same value, and nothing that is wrong gets through."""
    try:
        quick = read_text(text.encode())
    except Unusual:
        return
    try:
        full = _in_full(text)
    except PilothouseError as error:
        raise AssertionError(f"{error} in {text!r}") from error
    for versions in quick["entries"].values():
        for version in versions:
            for key in [key for key, value in version.items() if value is None]:
                del version[key]
    assert quick == full
