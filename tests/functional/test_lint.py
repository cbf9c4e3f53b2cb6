"""Findings of ``lint`` beside those of both real programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from functional.registry_server import Program, ours

TEXTS = (
    "{a: b",
    '{"a": 1',
    '{"a": }',
    "{",
    '{"a":1}x',
    "{a: b}",
    ' {"a": 1',
    '{"a": 01}',
    '{"a":1}\n---\n{"b":',
    '{"a":1}\n{"a":2}\n{"a":3',
    '{"a":1}{"a":2}x',
    '{"metadata": 1}',
    '{"kind":"Pod","metadata":{"name":"x"}}\n---\nkind: Pod\nmetadata:\n  name: Y_\n',
    '{"a":1}\n---\na: [',
    '{"é": "ü", }x',
    '{"a":1}\n\nx: 1',
)


def _programs(generation: int, place: Path, request: pytest.FixtureRequest) -> tuple[Program, Program]:
    """Return the real program of a generation, and ours."""
    real = Program((request.getfixturevalue(f"helm{generation}"),), place / "real", generation)
    return real, ours(place / "ours", generation)


def _chart(place: Path, *, values: str = "") -> Path:
    """Make a chart without templates and return the folder for them."""
    folder = place / "templates"
    folder.mkdir(parents=True)
    (place / "Chart.yaml").write_text(f"apiVersion: v2\nname: {place.name}\nversion: 0.1.0\nicon: x\n")
    (place / "values.yaml").write_text(values)
    return folder


@pytest.mark.parametrize("generation", [3, 4])
def test_json(generation: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Templates that begin with a brace are read as JSON, or as YAML where that fails."""
    real, helm = _programs(generation, tmp_path, request)
    folder = _chart(tmp_path / "c")
    for text in TEXTS:
        (folder / "x.yaml").write_text(f"{text}\n")
        assert helm.run("lint", str(folder.parent)) == real.run("lint", str(folder.parent)), text


def test_suggestions(tmp_path: Path, helm4: str, helm3: str) -> None:
    """What was perhaps meant comes in the order in which the real program makes its commands."""
    for generation, program in ((4, helm4), (3, helm3)):
        real = Program((program,), tmp_path / f"real{generation}", generation)
        helm = ours(tmp_path / f"ours{generation}", generation)
        for word in ("temp", "ins", "re", "lis", "shw", "depndency"):
            assert helm.run(word) == real.run(word), word


@pytest.mark.parametrize("generation", [3, 4])
def test_leftovers_of_helm_2(generation: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Helm 3 speaks of ``crd-install`` and ``.Release.Time`` in every file below templates, Helm 4 does not."""
    real, helm = _programs(generation, tmp_path, request)
    folder = _chart(tmp_path / "c")
    hook = 'kind: A\nmetadata:\n  name: x\n  annotations:\n    "helm.sh/hook":\n      crd-install\n'
    for name in ("a.yaml", "b.txt", "_c.tpl", "_d.yaml", "e.tpl", "f"):
        (folder / name).write_text(hook)
    (folder / "_t.tpl").write_text("{{ .Release.Time }}")
    found = helm.run("lint", str(folder.parent))
    assert found == real.run("lint", str(folder.parent))
    assert ("_c.tpl: manifest is a crd-install hook" in str(found)) is (generation == 3)


@pytest.mark.parametrize("generation", [3, 4])
def test_values_of_a_subchart_that_are_no_table(
    generation: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Nothing is said about templates that cannot be rendered for that."""
    real, helm = _programs(generation, tmp_path, request)
    for name in ("c", "c/charts/sub"):
        folder = _chart(tmp_path / name, values="sub: false\n")
        (folder / "a.yaml").write_text("kind: A\nmetadata: {name: x}\n")
    for flags in ((), ("--with-subcharts",), ("--set", "sub=5")):
        found = helm.run("lint", str(tmp_path / "c"), *flags)
        assert found == real.run("lint", str(tmp_path / "c"), *flags)
        assert "type mismatch" not in str(found)
