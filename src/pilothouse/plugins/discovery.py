"""The plugins in the folders of ``HELM_PLUGINS`` (``FindPlugins``)."""

from __future__ import annotations

import os

from pilothouse.errors import read_fault
from pilothouse.golang.quoting import quote
from pilothouse.plugins.errors import PluginInvalid, PluginMissing
from pilothouse.plugins.manifest import FILE_NAME, WASM, Manifest, decode_manifest
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.progress import Reporter


class Plugin(Record):
    """An installed plugin.

    Attributes:
        folder: Where it is, as it was found; it may be a link.
        manifest: What its plugin.yaml says.
    """

    folder: str
    manifest: Manifest

    @property
    def name(self) -> str:
        """Its name."""
        return self.manifest.name


def any_installed(folders: str) -> bool:
    """Return whether a folder of the list has anything in it, without reading any of it."""
    for folder in split_folders(folders):
        try:
            with os.scandir(folder) as entries:
                if next(entries, None) is not None:
                    return True
        except OSError:
            continue
    return False


def split_folders(folders: str) -> list[str]:
    """Return the folders of a list as ``HELM_PLUGINS`` writes it (``filepath.SplitList``)."""
    return folders.split(os.pathsep) if folders else []


def load_plugin(folder: str) -> Plugin:
    """Return the plugin in a folder (``LoadDir``).

    Raises:
        PluginInvalid: There is none, or Helm does not take it.
    """
    path = os.path.join(folder, FILE_NAME)
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise PluginInvalid(f"failed to read plugin at {quote(path)}: {read_fault(error, path)}") from error
    try:
        manifest = decode_manifest(content)
    except PluginInvalid as error:
        raise error.prefixed(f"failed to load plugin {quote(folder)}: ") from error
    program = os.path.join(folder, "plugin.wasm")
    if manifest.runtime == WASM and not os.path.exists(program):
        raise PluginInvalid(f"wasm binary missing for {WASM} plugin: {quote(program)}")
    return Plugin(folder=folder, manifest=manifest)


def installed(folder: str, reporter: Reporter) -> list[Plugin]:
    """Return the plugins in one folder by the name of theirs; broken ones are reported and left out (``LoadAllDir``).

    Raises:
        PluginInvalid: Two have the same name.
    """
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    found: dict[str, Plugin] = {}
    for name in names:
        inner = os.path.join(folder, name)
        path = os.path.join(inner, FILE_NAME)
        if name.startswith(".") or not os.path.lexists(path):
            continue
        try:
            plugin = load_plugin(inner)
        except PluginInvalid as error:
            reporter.warning("failed to load plugin (ignoring)", plugin_yaml=path, error=error.message)
            continue
        if plugin.name in found:
            first = quote(found[plugin.name].folder)
            raise PluginInvalid(
                f"two plugins claim the name {quote(plugin.name)} at {first} and {quote(plugin.folder)}"
            )
        found[plugin.name] = plugin
    return list(found.values())


def find_plugins(folders: str, reporter: Reporter, *, kind: str = "", name: str = "") -> list[Plugin]:
    """Return the plugins in a list of folders, of one kind or name where these are given."""
    return [
        plugin
        for folder in split_folders(folders)
        for plugin in installed(folder, reporter)
        if kind in ("", plugin.manifest.kind) and name in ("", plugin.name)
    ]


def find_plugin(folders: str, reporter: Reporter, *, kind: str = "", name: str = "") -> Plugin:
    """Return the first plugin of a kind and name.

    Raises:
        PluginMissing: There is none.
    """
    found = find_plugins(folders, reporter, kind=kind, name=name)
    if not found:
        raise PluginMissing(f"plugin: {{Name:{name} Type:{kind}}} not found")
    return found[0]
