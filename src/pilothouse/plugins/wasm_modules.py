"""Compiled WebAssembly modules, kept for later runs.

What is kept is native code. It lies in a :class:`CacheFolder`, which is used only where nobody but the user can write,
as compiled templates are; its name holds the module's content, wasmtime's version and the machine, and wasmtime itself
refuses code for other settings or another processor.
"""

from __future__ import annotations

import os

from pilothouse.cachefolder import CacheFolder, blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Modules:
    """Compiles modules for one engine, or takes them from the folder.

    Args:
        engine: The engine.
        folder: Pilothouse's cache folder, empty for none.
    """

    def __init__(self, engine: Any, folder: str) -> None:
        self._engine = engine
        self._files = CacheFolder(os.path.join(folder, "modules"), ".module", b"PHWM\x01") if folder else None

    def compiled(self, content: bytes, assembled: Callable[[bytes], bytes] = bytes) -> Any:
        """Return a module.

        Args:
            content: Its bytes, or its text.
            assembled: Makes the bytes of a text.

        Raises:
            wasmtime.WasmtimeError: It is none.
        """
        import wasmtime

        if self._files is None:
            return wasmtime.Module(self._engine, assembled(content))
        name = _name(content)
        kept = self._files.read(name)
        if kept is not None:
            try:
                return wasmtime.Module.deserialize(self._engine, bytes(kept))
            except wasmtime.WasmtimeError:
                pass  # another processor, on a home that machines share
        module = wasmtime.Module(self._engine, assembled(content))
        self._files.write(name, bytes(module.serialize()))
        return module


def _name(content: bytes) -> str:
    """Return the name under which a module is kept."""
    import importlib.metadata
    import platform

    made = f"{importlib.metadata.version('wasmtime')} {platform.system()} {platform.machine()} ".encode()
    digest: str = blake2b()(made + content, digest_size=32).hexdigest()
    return digest
