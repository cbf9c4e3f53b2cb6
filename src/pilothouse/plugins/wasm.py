"""Plugins in WebAssembly (``runtime: extism/v1``): a sandbox with Helm's limits, on wasmtime.

The guest sees no file but an own temporary folder, no host that its manifest does not name, and no more memory and time
than that allows. Streams and environment are handed to it where Helm hands them.
"""

from __future__ import annotations

import os

from pilothouse.environment import Environment
from pilothouse.formats import json_text
from pilothouse.formats.errors import JsonError
from pilothouse.golang.quoting import quote
from pilothouse.plugins.errors import PluginFailed, RuntimeMissing
from pilothouse.plugins.extism_kernel import PAGES, TEXT
from pilothouse.plugins.wasm_host import Blocks, Host, HostFault, define
from pilothouse.plugins.wasm_modules import Modules
from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.plugins.discovery import Plugin
    from pilothouse.plugins.manifest import WasmConfig

_PAGE = 1 << 16
_CREATING = "failed to create existing plugin: "
_START = ("_start", "_initialize")
_BEGINNINGS = ("_initialize", "__wasm_call_ctors")
#: What wazero calls the reasons for which wasmtime stops a guest.
_TRAPS = {
    "UNREACHABLE": "unreachable",
    "INTEGER_DIVISION_BY_ZERO": "integer divide by zero",
    "INTEGER_OVERFLOW": "integer overflow",
    "BAD_CONVERSION_TO_INTEGER": "invalid conversion to integer",
    "MEMORY_OUT_OF_BOUNDS": "out of bounds memory access",
    "TABLE_OUT_OF_BOUNDS": "invalid table access",
    "INDIRECT_CALL_TO_NULL": "invalid table access",
    "BAD_SIGNATURE": "indirect call type mismatch",
    "HEAP_MISALIGNED": "unaligned atomic",
}


class Given(Record):
    """What a plugin is started with.

    Attributes:
        message: What it is asked, as its kind has it.
        environment: Variables that it sees.
        streams: Whether it has the streams of this process.
        surroundings: Environment of this process: the way to other hosts, and where compiled modules are kept.
    """

    message: dict[str, YamlValue]
    environment: Mapping[str, str] = field(default_factory=dict)
    streams: bool = False
    surroundings: Mapping[str, str] = field(default_factory=dict)


def invoke(plugin: Plugin, given: Given) -> YamlValue:
    """Run a plugin and return what it answers (``ExtismV1PluginRuntime.Invoke``).

    Raises:
        RuntimeMissing: The package that runs WebAssembly is not installed.
        PluginFailed: The plugin cannot be started, fails, or answers something else than JSON.
    """
    import shutil
    import tempfile

    config = plugin.manifest.wasm
    folder = tempfile.mkdtemp(prefix="helm-plugin-") if config.temporary_folder else ""
    try:
        for name in config.host_functions:
            raise PluginFailed(f"plugin requested host function {quote(name)} not found")
        output = _Guest(plugin, given, folder).call()
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
    try:
        return json_text.decode(output)
    except JsonError as error:
        raise PluginFailed(f"failed to json marshal plugin output message: reflect.Value: {error.message}") from error


class _Guest:
    """One run of a plugin's module."""

    def __init__(self, plugin: Plugin, given: Given, folder: str) -> None:
        try:
            import wasmtime
        except ImportError as error:
            raise RuntimeMissing(
                f"plugin {quote(plugin.name)} is WebAssembly, which needs the package wasmtime",
                hints=("pip install 'pilothouse[wasm]' adds it", "plugins with the runtime subprocess need nothing"),
            ) from error
        self._name = plugin.name
        self._config = plugin.manifest.wasm
        settings = wasmtime.Config()
        settings.epoch_interruption = True
        self._engine = wasmtime.Engine(settings)
        self._store = wasmtime.Store(self._engine)
        self._store.set_epoch_deadline(1)
        self._store.set_wasi(_wasi(given, folder))
        if self._config.pages:
            self._store.set_limits(memory_size=self._config.pages * _PAGE)
        _check_pages(self._config, PAGES, "instantiating extism module: ")
        self._modules = Modules(self._engine, Environment(variables=given.surroundings).own_cache)
        kernel_code = self._modules.compiled(TEXT.encode(), lambda text: bytes(wasmtime.wat2wasm(text)))
        kernel = wasmtime.Instance(self._store, kernel_code, []).exports(self._store)
        self._blocks = Blocks(self._store, kernel)
        self._host = Host(self._config, given.surroundings, self._blocks)
        self._message = _ordered(given.message).encode()
        self._exports = self._instance(plugin, kernel).exports(self._store)

    def _instance(self, plugin: Plugin, kernel: Any) -> Any:
        """Return the plugin's module with all that it imports."""
        import wasmtime

        with open(os.path.join(plugin.folder, "plugin.wasm"), "rb") as file:
            content = file.read()
        if not content.startswith(b"\0asm"):
            raise PluginFailed(f"{_CREATING}invalid magic number")
        linker = wasmtime.Linker(self._engine)
        linker.define_wasi()
        define(linker, self._store, self._host, kernel)
        try:
            module = self._modules.compiled(content)
            for export in module.exports:
                if isinstance(export.type, wasmtime.MemoryType):
                    _check_pages(self._config, export.type.limits.min)
            return linker.instantiate(self._store, module)
        except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
            raise PluginFailed(f"{_CREATING}{_import_problem(error)}") from error

    def call(self) -> bytes:
        """Call the function that the manifest names and return what it puts out.

        Raises:
            PluginFailed: It fails, is not there, or takes too long.
        """
        name = self._config.entry or "helm_plugin_main"
        found = self._exports.get(name)
        function = self._callable(name, found)
        self._blocks.call("reset")
        self._blocks.call("input_set", self._blocks.write(self._message), len(self._message))
        for beginning in self._beginnings(name):
            self._guarded(beginning, "failed to initialize runtime: ")
        result = self._guarded(function)
        problem = self._blocks.read(self._blocks.call("error_get"))
        if problem:
            raise PluginFailed(f"plugin error: {problem.decode('utf-8', 'replace')}")
        code = result & 0xFFFFFFFF if isinstance(result, int) else 0
        if code:
            raise PluginFailed(f"plugin {quote(self._name)} exited with error", code if code < 256 else 255)
        return self._blocks.at(self._blocks.call("output_offset"), self._blocks.call("output_length"))

    def _callable(self, name: str, found: Any) -> Any:
        import wasmtime

        problem = ""
        if not isinstance(found, wasmtime.Func):
            problem = f"unknown function: {name}"
        elif len(found.type(self._store).results) > 1:
            problem = f"function {name} has {len(found.type(self._store).results)} results, expected 0 or 1"
        elif found.type(self._store).params:
            problem = f"expected {len(found.type(self._store).params)} params, but passed 0"
        if problem:
            raise PluginFailed(f"plugin error: {problem}")
        return found

    def _beginnings(self, name: str) -> list[Any]:
        """Return what a module wants to be called first (``detectGuestRuntime``)."""
        if name in _START:
            return []
        return next(([self._exports[first]] for first in _BEGINNINGS if first in self._exports), [])

    def _guarded(self, function: Any, start: str = "") -> Any:
        """Call a function on a thread of its own, so that time limit and Ctrl-C reach a guest that never returns."""
        import threading

        ended: list[Any] = []

        def work() -> None:
            try:
                ended.append(function(self._store))
            except BaseException as error:  # noqa: BLE001 - raised again where it belongs
                ended.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        stopped = ""
        try:
            thread.join(self._config.milliseconds / 1000 if self._config.milliseconds else None)
            if thread.is_alive():
                stopped = "module closed with context deadline exceeded"
        finally:
            if not ended:
                self._engine.increment_epoch()
        if not stopped:
            thread.join()
        if stopped:
            raise PluginFailed(f"plugin error: {stopped}")
        return self._result(ended[0], f"plugin error: {start}")

    def _result(self, ended: Any, start: str) -> Any:
        import wasmtime

        if isinstance(ended, wasmtime.ExitTrap):
            if ended.code == 0:
                return 0
            raise PluginFailed(f"{start}module closed with exit_code({ended.code})") from ended
        if self._host.fault is not None:
            raise PluginFailed(f"{start}{self._host.fault} (recovered by wazero)") from self._host.fault
        if isinstance(ended, wasmtime.Trap):
            code = ended.trap_code.name if ended.trap_code is not None else ""
            text = "stack overflow" if code == "STACK_OVERFLOW" else f"wasm error: {_TRAPS.get(code, ended.message)}"
            raise PluginFailed(f"{start}{text}") from ended
        if isinstance(ended, HostFault | wasmtime.WasmtimeError):
            raise PluginFailed(f"{start}{ended}") from ended
        if isinstance(ended, BaseException):
            raise ended
        return ended


def _ordered(value: YamlValue) -> str:
    """Write a message with its fields in the order that Go's types have them."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json_text.quote(name)}:{_ordered(item)}" for name, item in value.items()) + "}"
    return json_text.encode(value)


def _wasi(given: Given, folder: str) -> Any:
    import wasmtime

    settings = wasmtime.WasiConfig()
    settings.env = [(name, value) for name, value in given.environment.items()]
    if given.streams:
        settings.inherit_stdin()
        settings.inherit_stdout()
        settings.inherit_stderr()
    if folder:
        settings.preopen_dir(folder, "/tmp")  # noqa: S108 - the guest's name for its own folder
    return settings


def _check_pages(config: WasmConfig, least: int, start: str = "") -> None:
    if config.pages and least > config.pages:
        problem = f"section memory: min {_pages(least)} over limit of {_pages(config.pages)}"
        raise PluginFailed(f"{_CREATING}{start}{problem}")


def _pages(pages: int) -> str:
    """Write a number of pages as wazero does."""
    kibibytes = pages * 64
    for unit in ("Ki", "Mi"):
        if kibibytes < 1024:
            return f"{pages} pages ({kibibytes} {unit})"
        kibibytes //= 1024
    return f"{pages} pages ({kibibytes} Gi)"


def _import_problem(error: BaseException) -> str:
    """Say what a module imports that is not there, as wazero does."""
    import re

    found = re.search(r"unknown import: `(.*)::([^`]*)` has not been defined", str(error))
    if found is None:
        return str(error).splitlines()[0]
    if found[1] in ("extism:host/env", "wasi_snapshot_preview1"):
        return f'instantiating module: "{found[2]}" is not exported in module "{found[1]}"'
    return f"instantiating module: module[{found[1]}] not instantiated"
