"""Programs that change rendered manifests: any program with Helm 3, plugins with Helm 4 (``postrender``)."""

from __future__ import annotations

import os

from pilothouse.golang.quoting import quote
from pilothouse.plugins.discovery import find_plugin
from pilothouse.plugins.errors import PluginFailed, PluginMissing
from pilothouse.plugins.manifest import POST_RENDERER
from pilothouse.plugins.run import captured, run_post_renderer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pilothouse.plugins.discovery import Plugin
    from pilothouse.progress import Reporter


class PluginPostRenderer:
    """A plugin that changes manifests.

    Args:
        plugin: Which plugin.
        arguments: Arguments that follow its own.
        variables: Environment of its program.
    """

    def __init__(self, plugin: Plugin, arguments: Sequence[str], variables: Mapping[str, str]) -> None:
        self._plugin = plugin
        self._arguments = tuple(arguments)
        self._variables = variables

    def run(self, manifests: str) -> str:
        """Return what the plugin makes of manifests.

        Raises:
            PluginFailed: It fails, or returns nothing.
        """
        return run_post_renderer(self._plugin, manifests, self._arguments, self._variables)


class ProgramPostRenderer:
    """A program that changes manifests.

    Args:
        program: Its absolute path.
        arguments: Its arguments.
        variables: Its environment.
    """

    def __init__(self, program: str, arguments: Sequence[str], variables: Mapping[str, str]) -> None:
        self._program = program
        self._arguments = tuple(arguments)
        self._variables = variables

    def run(self, manifests: str) -> str:
        """Return what the program makes of manifests; nothing is a result as well, as Helm 3 has it.

        Raises:
            PluginFailed: It fails.
        """
        code, output, errors = captured([self._program, *self._arguments], self._variables, manifests)
        if code:
            shown = errors.decode("utf-8", "replace")
            raise PluginFailed(
                f"error while running command {self._program}. error output:\n{shown}: exit status {code}"
            )
        return output.decode("utf-8", "surrogateescape")


def plugin_post_renderer(
    name: str, arguments: Sequence[str], folders: str, variables: Mapping[str, str], reporter: Reporter
) -> PluginPostRenderer:
    """Return the post-renderer that a plugin of this name is.

    Raises:
        PluginMissing: There is none.
    """
    return PluginPostRenderer(find_plugin(folders, reporter, kind=POST_RENDERER, name=name), arguments, variables)


def program_post_renderer(
    name: str, arguments: Sequence[str], variables: Mapping[str, str], working_directory: str
) -> ProgramPostRenderer:
    """Return the post-renderer that a program is: a path, or a name that is looked up in ``PATH``.

    Raises:
        PluginMissing: There is no such program.
    """
    import shutil

    found = shutil.which(name, path=variables.get("PATH", "")) if not os.path.dirname(name) else None
    path = found or os.path.join(working_directory, name)
    if found is None and not os.path.dirname(name):
        reason = f"exec: {quote(name)}: executable file not found in $PATH"
        raise PluginMissing(f"unable to find binary at {name}: {reason}")
    if not os.path.exists(path):
        reason = f"exec: {quote(name)}: stat {name}: no such file or directory"
        raise PluginMissing(f"unable to find binary at {name}: {reason}")
    return ProgramPostRenderer(os.path.abspath(path), arguments, variables)
