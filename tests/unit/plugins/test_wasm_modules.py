"""Compiled modules are kept where only the user can write, and taken only when they are what was asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pilothouse.cachefolder import digest
from pilothouse.plugins.wasm_modules import Modules

wasmtime = pytest.importorskip("wasmtime")
TEXT = b'(module (func (export "seven") (result i32) (i32.const 7)))'


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was compiled."""
    seen: list[bytes] = []
    original = wasmtime.Module

    class Counted(original):  # type: ignore[misc, valid-type]
        def __init__(self, engine: object, content: bytes) -> None:
            seen.append(content)
            super().__init__(engine, content)

    monkeypatch.setattr(wasmtime, "Module", Counted)
    return seen


def seven(folder: Path, interruptions: bool = False) -> int:  # noqa: FBT001, FBT002 - a setting of wasmtime's
    """Compile the module, or take it from the folder, and call it."""
    settings = wasmtime.Config()
    settings.epoch_interruption = interruptions
    engine = wasmtime.Engine(settings)
    store = wasmtime.Store(engine)
    store.set_epoch_deadline(1)
    module = Modules(engine, str(folder)).compiled(TEXT, lambda text: bytes(wasmtime.wat2wasm(text)))
    result: int = wasmtime.Instance(store, module, []).exports(store)["seven"](store)
    return result


def test_a_module_is_compiled_once(tmp_path: Path, compiled: list[bytes]) -> None:
    """The second run takes it from the folder, which belongs to the user alone."""
    assert [seven(tmp_path), seven(tmp_path)] == [7, 7]
    assert len(compiled) == 1
    [file] = (tmp_path / "modules").iterdir()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o077) == (0o600, 0)


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module runs just as well."""
    monkeypatch.chdir(tmp_path)
    Modules(wasmtime.Engine(), "").compiled(bytes(wasmtime.wat2wasm(TEXT)))
    assert list(tmp_path.iterdir()) == []


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])


def _change(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _replace(file: Path) -> None:
    """Put something else there with a checksum that fits."""
    payload = b"\x7fELF nonsense"
    file.write_bytes(b"PHWM\x01" + digest(payload) + payload)


def _link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")


@pytest.mark.parametrize(
    "damage",
    [
        _cut,
        _change,
        _replace,
        _link,
        lambda file: file.chmod(0o666),
        lambda file: file.parent.chmod(0o777),
    ],
    ids=["cut", "changed", "replaced", "link", "writable-file", "writable-folder"],
)
def test_what_cannot_be_trusted_is_compiled_anew(
    tmp_path: Path, compiled: list[bytes], damage: Callable[[Path], object]
) -> None:
    """Damaged files, links, and what others can write to are left aside."""
    seven(tmp_path)
    damage(next((tmp_path / "modules").iterdir()))
    assert seven(tmp_path) == 7
    assert len(compiled) == 2


def test_code_for_other_settings_is_compiled_anew(tmp_path: Path, compiled: list[bytes]) -> None:
    """Code that cannot be interrupted does not run where it has to be."""
    seven(tmp_path)
    assert seven(tmp_path, interruptions=True) == 7
    assert len(compiled) == 2
