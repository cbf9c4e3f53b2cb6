"""The demonstration of the compiler."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.gotemplate.show import main, shown


def test_tokens_tree_and_python() -> None:
    """All three stages are shown, and lines of Python name the nodes they stand for."""
    text = "\n".join(shown("t", "a{{ if .x }}{{ .y | upper }}{{ end }}"))
    assert "field        '.x'" in text
    assert "If .x" in text
    assert "def t0(run, dot):" in text
    assert "# '.x'" in text


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command shows a file, and reports one that does not parse."""
    path = tmp_path / "t"
    path.write_text("{{ .a }}")
    assert main([str(path)]) == 0
    path.write_text("{{ .a ")
    assert main([str(path)]) == 1
    assert main([]) == 2
    assert "unclosed action" in capsys.readouterr().err
