"""Plugins that fetch URLs, as getters (``getter.collectGetterPlugins``)."""

from __future__ import annotations

import os

from pilothouse.plugins.discovery import any_installed, find_plugins
from pilothouse.plugins.manifest import GETTER
from pilothouse.plugins.run import run_getter
from pilothouse.sources.getters import Fetched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pilothouse.environment import Environment
    from pilothouse.plugins.discovery import Plugin
    from pilothouse.progress import Reporter
    from pilothouse.sources.getters import Getter, Validators
    from pilothouse.transport.access import Access


class PluginGetter:
    """Fetches URLs with a plugin.

    Args:
        plugin: Which plugin.
        variables: Environment of its program.
    """

    def __init__(self, plugin: Plugin, variables: Mapping[str, str]) -> None:
        self._plugin = plugin
        self._variables = variables

    def get(self, url: str, access: Access, known: Validators | None = None) -> Fetched:
        """Return what the plugin's program writes."""
        del known
        return Fetched(data=run_getter(self._plugin, url, access, self._variables))


def plugin_folders(environment: Environment) -> str:
    """Return the folders of plugins, ``HELM_PLUGINS`` or Helm's own."""
    return environment.get("HELM_PLUGINS", os.path.join(environment.data_home, "plugins"))


def plugin_getters(environment: Environment, reporter: Reporter) -> list[tuple[str, Callable[[], Getter]]]:
    """Return a maker of a getter for each scheme that a plugin fetches; without plugins it costs one look."""
    folders = plugin_folders(environment)
    if environment.get("HELM_NO_PLUGINS") == "1" or not any_installed(folders):
        return []

    def maker(plugin: Plugin) -> Callable[[], Getter]:
        return lambda: PluginGetter(plugin, environment.variables)

    return [
        (protocol, maker(plugin))
        for plugin in find_plugins(folders, reporter, kind=GETTER)
        for protocol in plugin.manifest.protocols
        if protocol not in ("http", "https", "oci")
    ]
