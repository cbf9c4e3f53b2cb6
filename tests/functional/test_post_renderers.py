"""What post-renderers get and what becomes of what they give back: byte for byte as with real Helm 4."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from functional.registry_server import Program, ours
from functional.test_plugins import place

pytestmark = pytest.mark.oracle

KEEPING = """\
apiVersion: v1
type: postrenderer/v1
name: keeping
version: 0.1.0
runtime: subprocess
runtimeConfig: {platformCommand: [{command: "${HELM_PLUGIN_DIR}/keep.sh"}]}
"""
COMMENTS = """\
# head
kind: A # trailing
metadata:
    # before name
    name: a   # n
    labels:
        x: y
    # end of metadata
# before data

data:
  # first

  a: |
    text
    # not a comment
  b: >
    folded
    text
  # between
  c: "quoted" # c
  list:
    # in list
    - a # one
    # second
    - b:
        # deep
        c: d
      e: f # ef
    # end list
  flow: {a: b, c: [1, 2]} # fl
# foot
"""
STYLES = """\
kind: A
metadata: {name: x}
spec:
  key: # on key
    a: b
  seq: # on seq
  - 1
  nested:
  - - a
    - b
  -
    - c
  empty:
  nulls: ~
  long: aaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbb ccccccccccccccccccc ddddddddddddddddddddddd eeeeeeeeeeee
  multi: one
    two

    three
  dq: "a
    b\\n\\tc \\u00e9 é"
  sq: 'it''s
    x'
  "quoted key": 1
  ? complex
  : val
  anchor: &x {a: 1}
  ref: *x
  lit: |2-
      indented
     less
  keep: |+
    a

  end: x
"""
BLANKS = "# head  \n# second\t\n#   \nkind: A # line  \na: # after   \n  b: 1\n  # foot  \n\n# other \n\nc: 2\n# end \n"
SPACES = """\
---
# only header comment

apiVersion: v1
kind: A

# para comment


metadata:
  name: x

  # spaced
  labels: {}
  # trailing spaced

  annotations:
    b: c
rules:
  - a: 1
    b: 2

  # one heading.

  # another
  - a: 3
    b: 4
  # a foot that moves

  - name: x
    value: y
spec: 1

# last one
"""
PLACES = """\
kind: A
metadata:
  annotations: {}
---
kind: B
metadata:
  annotations: {a: b}
---
kind: C
metadata:
  annotations:
  name: c
---
# a comment alone
---
kind: D
---
kind: E
metadata: {name: x, annotations: {q: r}}
---
kind: F
metadata:
  name: f
  annotations:
    "quoted": b
  labels: {}
"""


@pytest.fixture
def pair(tmp_path: Path, helm4: str) -> tuple[Program, Program]:
    """Ours and real Helm, each with a post-renderer that keeps what it gets and changes nothing."""
    made = (ours(tmp_path / "ours"), Program((helm4,), tmp_path / "real"))
    for program in made:
        folder = program.place / ".local" / "share" / "helm" / "plugins" / "keeping"
        place(folder, KEEPING, keep_sh='#!/bin/sh\ntee "$HOME/kept"\n')
    return made


def rendered(program: Program, *words: str) -> tuple[str, tuple[int, str, str]]:
    """Render through the post-renderer and return what it got and what came out."""
    found = program.run("template", *words, "--post-renderer", "keeping")
    return (program.place / "kept").read_text(), found


@pytest.mark.parametrize(
    "text", [COMMENTS, STYLES, SPACES, PLACES, BLANKS], ids=["comments", "styles", "spaces", "places", "blanks"]
)
def test_documents_are_written_as_helm_writes_them(pair: tuple[Program, Program], tmp_path: Path, text: str) -> None:
    """Indentation, styles, comments and the annotation's place are real Helm's, there and back."""
    chart = tmp_path / "demo"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: demo\nversion: 0.1.0\n")
    (chart / "templates" / "a.yaml").write_text(text)
    assert rendered(pair[0], str(chart)) == rendered(pair[1], str(chart))


def test_published_charts(pair: tuple[Program, Program], tmp_path: Path, shared: Path) -> None:
    """Charts that people use come through a post-renderer with the same bytes."""
    corpus = shared / "corpus"
    with (corpus / "cases.jsonl").open() as lines:
        cases = [json.loads(line) for line in lines]
    names = (
        "gatekeeper.gatekeeper",
        "onap.vfc-vnfres",
        "kubeblocks.wesql",
        "eks.aws-cloudwatch-metrics",
    )
    chosen = [case for case in cases if case["id"].removesuffix("/default@4") in names]
    assert len(chosen) == len(names)
    for case in chosen:
        folder = tmp_path / case["id"].partition("/")[0]
        with tarfile.open(corpus / case["tgz"]) as archive:
            archive.extractall(folder, filter="data")
        words = ["--namespace", "ns", "rel", str(folder / case["top"])]
        got, wanted = rendered(pair[0], *words), rendered(pair[1], *words)
        assert got == wanted, case["id"]
