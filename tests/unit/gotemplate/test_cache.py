"""Compiled templates on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.golang.functions import Function
from pilothouse.gotemplate import template as template_module
from pilothouse.gotemplate.cache import CompileCache
from pilothouse.gotemplate.errors import ExecutionError
from pilothouse.gotemplate.template import Template
from pilothouse.gotemplate.unit import Memory

FILES = [("a", '{{ define "d" }}[{{ .x | up }}]{{ end }}'), ("b", '{{ template "d" . }}'), ("c", "{{ .x.y.z }}")]
FUNCTIONS = {"up": Function(str.upper, "string", result="string")}


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins as a new process does."""
    monkeypatch.setattr(template_module, "MEMORY", Memory())


def _set(folder: Path, functions: dict[str, Function] | None = None) -> Template:
    made = Template("set", functions or FUNCTIONS, missing_key="zero", cache=CompileCache(str(folder)))
    made.parse_files(FILES)
    return made


def _render(folder: Path) -> str:
    templates = _set(folder)
    text = templates.execute("b", {"x": "q"})
    templates.save()
    return text


def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_module, "MEMORY", Memory())


def test_a_second_process_compiles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one process has compiled and saved, the next one takes from one file."""
    assert _render(tmp_path) == "[Q]"
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    _forget(monkeypatch)
    monkeypatch.setattr(template_module, "read_source", None)
    assert _render(tmp_path) == "[Q]"


def _render_later(folder: Path, text: str) -> str:
    templates = Template("set", FUNCTIONS, cache=CompileCache(str(folder)), keepable="{{ .x | up }}!".__eq__)
    templates.parse_files(FILES)
    later = templates.clone()
    later.parse("set", text)
    made = later.execute("set", {"x": "q"})
    templates.save()
    return made


def test_a_text_parsed_later_is_kept_if_it_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ``tpl`` compiled is taken from the file, too; a text that may hold a secret is not written to it."""
    assert _render_later(tmp_path, "{{ .x | up }}!") == "Q!"
    assert _render_later(tmp_path, "{{ .x | up }}secret") == "Qsecret"
    (kept,) = tmp_path.iterdir()
    assert b"secret" not in kept.read_bytes()
    _forget(monkeypatch)
    monkeypatch.setattr(template_module, "read_source", None)
    assert _render_later(tmp_path, "{{ .x | up }}!") == "Q!"
    _forget(monkeypatch)
    with pytest.raises(TypeError):
        _render_later(tmp_path, "{{ .x | up }}secret")


def test_errors_are_the_same_with_cached_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Places in error texts do not depend on where the code came from."""
    texts = []
    for _ in range(2):
        templates = _set(tmp_path)
        with pytest.raises(ExecutionError) as raised:
            templates.execute("c", {"x": {}})
        templates.save()
        texts.append(str(raised.value))
        _forget(monkeypatch)
    assert texts[0] == texts[1]
    assert "c:1:5" in texts[0]


def test_other_functions_are_compiled_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code made for a function of another signature is not used."""
    assert _render(tmp_path) == "[Q]"
    _forget(monkeypatch)
    templates = _set(tmp_path, {"up": Function(lambda value: f"<{value}>", "interface {}", result="string")})
    assert templates.execute("b", {"x": 1}) == "[<1>]"


def test_an_unsafe_folder_is_not_used(tmp_path: Path) -> None:
    """Code is neither loaded from nor written to a folder in which others can write."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    assert _render(folder) == "[Q]"
    assert not list(folder.iterdir())


def test_an_unsafe_file_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that others could have written is left alone."""
    _render(tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.chmod(0o666)
    _forget(monkeypatch)
    options = _set(tmp_path)._shared.options
    cache = CompileCache(str(tmp_path))
    assert cache.load(kept.name.removesuffix(".templates"), FILES, options) is None


def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Truncated or altered files are noticed before any code is read."""
    _render(tmp_path)
    (kept,) = tmp_path.iterdir()
    content = bytearray(kept.read_bytes())
    content[-5] ^= 1
    kept.write_bytes(bytes(content))
    _forget(monkeypatch)
    assert _render(tmp_path) == "[Q]"
    kept.write_bytes(b"")
    _forget(monkeypatch)
    assert _render(tmp_path) == "[Q]"
