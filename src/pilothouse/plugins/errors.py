"""What can go wrong with plugins.

::

    PluginInvalid (Invalid)       a plugin.yaml or an archive that Helm does not take
    PluginMissing (NotFound)      no plugin of that name
    PluginExists (Exists)         a plugin is there already
    PluginFailed (Invalid)        the program of a plugin ended with an error
    RuntimeMissing (Unsupported)  the plugin needs a runtime that Pilothouse does not have
"""

from __future__ import annotations

from pilothouse.errors import Exists, Invalid, NotFound, Unsupported


class PluginInvalid(Invalid):
    """A plugin.yaml or an archive is not what Helm takes."""

    reference = "plugin-invalid"


class PluginMissing(NotFound):
    """There is no plugin of that name."""

    reference = "plugin-missing"


class PluginExists(Exists):
    """A plugin is there already."""

    reference = "plugin-exists"


class PluginFailed(Invalid):
    """The program of a plugin ended with an error.

    Attributes:
        exit_code: What it ended with, which becomes Helm's own.
    """

    reference = "plugin-failed"

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class RuntimeMissing(Unsupported):
    """The plugin needs a runtime that Pilothouse does not have."""

    reference = "plugin-runtime-missing"
