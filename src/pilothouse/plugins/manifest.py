"""What plugin.yaml says: the legacy form of Helm 2 and 3, and ``v1`` of Helm 4 (``internal/plugin`` ``Metadata``)."""

from __future__ import annotations

import re

from pilothouse.golang.quoting import quote
from pilothouse.plugins.documents import Document, decode_strict
from pilothouse.plugins.errors import PluginInvalid
from pilothouse.plugins.field_types import CONFIGS, FIRST, LEGACY, RUNTIMES
from pilothouse.records import Record, field
from pilothouse.semver.errors import InvalidVersion
from pilothouse.semver.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pilothouse.golang.kinds import YamlValue

FILE_NAME = "plugin.yaml"
CLI = "cli/v1"
GETTER = "getter/v1"
POST_RENDERER = "postrenderer/v1"
SUBPROCESS = "subprocess"
WASM = "extism/v1"

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_CONVERTING = "failed to convert MetadataV1 to Metadata: "


class PlatformCommand(Record):
    """A command for some system and processor, or for all where these are empty."""

    system: str = ""
    architecture: str = ""
    command: str = ""
    arguments: tuple[str, ...] = ()


class ProtocolCommand(Record):
    """What fetches URLs of some schemes."""

    protocols: tuple[str, ...]
    commands: tuple[PlatformCommand, ...]


class WasmConfig(Record):
    """What a plugin in WebAssembly may do (``RuntimeConfigExtismV1``).

    Attributes:
        pages: Pages of 64 KiB that each of its memories may have, 0 for no limit.
        response_bytes: How long an answer over HTTP may be.
        variable_bytes: How much its variables may hold.
        config: What it can look up.
        allowed_hosts: Patterns of the hosts that it may speak to.
        temporary_folder: Whether it has a folder of its own while it runs.
        milliseconds: How long it may take, 0 for no limit.
        host_functions: Further functions that it wants; Helm has none.
        entry: Function to call.
    """

    pages: int = 0
    response_bytes: int = 0
    variable_bytes: int = 0
    config: Mapping[str, str] = field(default_factory=dict)
    allowed_hosts: tuple[str, ...] = ()
    temporary_folder: bool = False
    milliseconds: int = 0
    host_functions: tuple[str, ...] = ()
    entry: str = ""


class Manifest(Record):
    """A plugin as its plugin.yaml describes it.

    Attributes:
        api_version: ``legacy`` or ``v1``.
        name: Name, which is the command's as well.
        kind: What it is for: ``cli/v1``, ``getter/v1``, ``postrenderer/v1`` …
        runtime: What carries it out: ``subprocess`` or ``extism/v1``.
        version: Version, which legacy plugins may leave out.
        source_url: Where it comes from.
        usage: Usage line of its command.
        short: One line about it.
        long: Its help.
        ignore_flags: Whether no arguments are handed on.
        protocols: Schemes of URLs that it fetches.
        commands: What it runs.
        hooks: What is run when it is installed, updated or removed.
        protocol_commands: What fetches URLs, by scheme.
        expand_hooks: Whether variables in the arguments of hooks are replaced before they run.
        wasm: What it may do when it is WebAssembly.
        use_tunnel: Whether Helm 2 opens the way to Tiller before it runs.
    """

    api_version: str
    name: str
    kind: str
    runtime: str
    version: str = ""
    source_url: str = ""
    usage: str = ""
    short: str = ""
    long: str = ""
    ignore_flags: bool = False
    protocols: tuple[str, ...] = ()
    commands: tuple[PlatformCommand, ...] = ()
    hooks: Mapping[str, tuple[PlatformCommand, ...]]
    protocol_commands: tuple[ProtocolCommand, ...] = ()
    expand_hooks: bool = True
    wasm: WasmConfig = WasmConfig()
    use_tunnel: bool = False


def decode_manifest(content: bytes) -> Manifest:
    """Return what a plugin.yaml says.

    Raises:
        PluginInvalid: Helm does not take it; the text is Helm's.
    """
    document = decode_strict(content)
    if document is None:
        raise PluginInvalid(f"failed to peek {FILE_NAME} API version: EOF")
    version = _text(document.value, "apiVersion")
    if not version:
        document.check(LEGACY)
        return _legacy(document.value)
    if version != "v1":
        raise PluginInvalid(f"invalid plugin apiVersion: {quote(version)}")
    document.check(FIRST)
    return _first_version(document)


def _legacy(value: dict[str, YamlValue]) -> Manifest:
    """Return a manifest of Helm 2 and 3 (``loadMetadataLegacy``)."""
    name, version = _text(value, "name"), _text(value, "version")
    if not _NAME.fullmatch(name):
        raise PluginInvalid(f"invalid plugin name {quote(name)}: must contain only a-z, A-Z, 0-9, _ and -")
    if version and not _is_version(version):
        raise PluginInvalid(f"invalid plugin version {quote(version)}: must be valid semver")
    commands, command = _commands(value.get("platformCommand")), _text(value, "command")
    if commands and command:
        raise PluginInvalid("both platformCommand and command are set")
    hooks, shell_hooks = _hooks(value.get("platformHooks")), _mapping(value.get("hooks"))
    if hooks and shell_hooks:
        raise PluginInvalid("both platformHooks and hooks are set")
    downloaders = _downloaders(value.get("downloaders"))
    if not commands and command:
        commands = (PlatformCommand(command=command),)
    if not hooks:
        hooks = {
            event: (PlatformCommand(command="sh", arguments=("-c", _plain(script))),)
            for event, script in shell_hooks.items()
        }
    return Manifest(
        api_version="legacy",
        name=name,
        kind=GETTER if downloaders else CLI,
        runtime=SUBPROCESS,
        version=version,
        short=_printable(_text(value, "usage")),
        long=_text(value, "description"),
        ignore_flags=_flag(value, "ignoreFlags"),
        protocols=tuple(protocol for downloader in downloaders for protocol in downloader.protocols),
        commands=commands,
        hooks=hooks,
        protocol_commands=downloaders,
        expand_hooks=not shell_hooks,
        use_tunnel=_flag(value, "useTunnel"),
    )


def _first_version(document: Document) -> Manifest:
    """Return a manifest of Helm 4 (``loadMetadataV1``)."""
    value = document.value
    name, kind, runtime = (_text(value, key) for key in ("name", "type", "runtime"))
    _check_required(name, _text(value, "version"), kind, runtime)
    if kind not in CONFIGS:
        raise _unconverted(f"unknown plugin type {quote(kind)}")
    config, runtime_config = _mapping(value.get("config")), _mapping(value.get("runtimeConfig"))
    document.check_below("config", CONFIGS[kind], _CONVERTING)
    if runtime not in (SUBPROCESS, WASM):
        raise _unconverted(f"unsupported plugin runtime type: {quote(runtime)}")
    start = f"{_CONVERTING}failed to unmarshal runtimeConfig for {runtime} runtime: "
    document.check_below("runtimeConfig", RUNTIMES[runtime], start)
    protocols = _texts(config.get("protocols"))
    if kind == GETTER and not protocols:
        raise PluginInvalid("config validation failed: getter has no protocols")
    return Manifest(
        api_version="v1",
        name=name,
        kind=kind,
        runtime=runtime,
        version=_text(value, "version"),
        source_url=_text(value, "sourceURL"),
        usage=_text(config, "usage"),
        short=_text(config, "shortHelp"),
        long=_text(config, "longHelp"),
        ignore_flags=_flag(config, "ignoreFlags"),
        protocols=protocols,
        commands=_commands(runtime_config.get("platformCommand")),
        hooks=_hooks(runtime_config.get("platformHooks")),
        protocol_commands=tuple(
            ProtocolCommand(protocols=_texts(item.get("protocols")), commands=_commands(item.get("platformCommand")))
            for item in _mappings(runtime_config.get("protocolCommands"))
        ),
        expand_hooks=False,
        wasm=_wasm(runtime_config) if runtime == WASM else WasmConfig(),
    )


def _wasm(value: Mapping[str, YamlValue]) -> WasmConfig:
    memory, files = _mapping(value.get("memory")), _mapping(value.get("fileSystem"))
    config = value.get("config")
    return WasmConfig(
        pages=_number(memory, "maxPages"),
        response_bytes=_number(memory, "maxHttpResponseBytes"),
        variable_bytes=_number(memory, "maxVarBytes"),
        config={key: _plain(item) for key, item in config.items()} if isinstance(config, dict) else {},
        allowed_hosts=_texts(value.get("allowedHosts")),
        temporary_folder=_flag(files, "createTempDir"),
        milliseconds=_number(value, "timeout"),
        host_functions=_texts(value.get("hostFunctions")),
        entry=_text(value, "entryFuncName"),
    )


def _number(value: Mapping[str, YamlValue], key: str) -> int:
    text = _plain(value.get(key)) or "0"
    return int(float(text)) if "." in text or "e" in text.lower().removeprefix("0x") else int(text.replace("_", ""), 0)


def _check_required(name: str, version: str, kind: str, runtime: str) -> None:
    """Check what a manifest of Helm 4 must have (``MetadataV1.Validate``)."""
    problem = ""
    if not _NAME.fullmatch(name):
        problem = "invalid plugin `name`"
    elif not version:
        problem = "plugin `version` is required"
    elif not _is_version(version):
        problem = f"invalid plugin `version` {quote(version)}: must be valid semver"
    elif not kind:
        problem = "`type` missing"
    elif not runtime:
        problem = "`runtime` missing"
    if problem:
        raise PluginInvalid(problem)


def _unconverted(text: str) -> PluginInvalid:
    return PluginInvalid(_CONVERTING + text)


def _is_version(text: str) -> bool:
    try:
        Version.parse_strict(text)
    except InvalidVersion:
        return False
    return True


def _downloaders(value: YamlValue) -> tuple[ProtocolCommand, ...]:
    found = []
    for number, item in enumerate(_mappings(value)):
        command, protocols = _text(item, "command"), _texts(item.get("protocols"))
        if not command:
            raise PluginInvalid(f"downloader {number} has empty command")
        if not protocols:
            raise PluginInvalid(f"downloader {number} has no protocols")
        if "" in protocols:
            raise PluginInvalid(f"downloader {number} has empty protocol at index {protocols.index('')}")
        found.append(ProtocolCommand(protocols=protocols, commands=(PlatformCommand(command=command),)))
    return tuple(found)


def _hooks(value: YamlValue) -> dict[str, tuple[PlatformCommand, ...]]:
    return {event: _commands(commands) for event, commands in _mapping(value).items()}


def _commands(value: YamlValue) -> tuple[PlatformCommand, ...]:
    return tuple(
        PlatformCommand(
            system=_text(item, "os"),
            architecture=_text(item, "arch"),
            command=_text(item, "command"),
            arguments=_texts(item.get("args")),
        )
        for item in _mappings(value)
    )


def _mapping(value: YamlValue) -> dict[str, YamlValue]:
    return value if isinstance(value, dict) else {}


def _mappings(value: YamlValue) -> list[dict[str, YamlValue]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Mapping[str, YamlValue], key: str) -> str:
    return _plain(value.get(key))


def _flag(value: Mapping[str, YamlValue], key: str) -> bool:
    return _text(value, key).lower() in ("true", "yes", "on", "y")


def _texts(value: YamlValue) -> tuple[str, ...]:
    return tuple(_plain(item) for item in value) if isinstance(value, list) else ()


def _plain(value: YamlValue) -> str:
    return value if isinstance(value, str) else ""


def _printable(text: str) -> str:
    """Return a text without what could steer a terminal (``sanitizeString``)."""
    return "".join(" " if letter.isspace() else letter for letter in text if letter.isspace() or letter.isprintable())


def describe(manifest: Manifest) -> dict[str, YamlValue]:
    """Return what a provenance file says of a plugin: Go's ``plugin.Metadata`` with its field names."""
    config: dict[str, YamlValue] = {}
    if manifest.kind == CLI:
        config = {
            "IgnoreFlags": manifest.ignore_flags,
            "LongHelp": manifest.long,
            "ShortHelp": manifest.short,
            "Usage": manifest.usage,
        }
    elif manifest.kind == GETTER:
        config = {"Protocols": list(manifest.protocols)}
    return {
        "APIVersion": manifest.api_version,
        "Config": config,
        "Name": manifest.name,
        "Runtime": manifest.runtime,
        "RuntimeConfig": {
            "PlatformCommand": _described(manifest.commands),
            "PlatformHooks": {event: _described(commands) for event, commands in manifest.hooks.items()} or None,
            "ProtocolCommands": [
                {"PlatformCommand": _described(entry.commands), "Protocols": list(entry.protocols)}
                for entry in manifest.protocol_commands
            ]
            or None,
        },
        "SourceURL": manifest.source_url,
        "Type": manifest.kind,
        "Version": manifest.version,
    }


def _described(commands: Sequence[PlatformCommand]) -> YamlValue:
    return [
        {
            "Architecture": entry.architecture,
            "Args": list(entry.arguments) or None,
            "Command": entry.command,
            "OperatingSystem": entry.system,
        }
        for entry in commands
    ] or None
