"""Which command of a plugin runs here, and with what arguments (``PrepareCommands``)."""

from __future__ import annotations

import platform
import re
import sys

from pilothouse.plugins.errors import PluginInvalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pilothouse.plugins.manifest import PlatformCommand

_ARCHITECTURES = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "i386": "386",
    "i686": "386",
    "aarch64": "arm64",
    "arm64": "arm64",
    "armv7l": "arm",
    "armv6l": "arm",
}


def this_system() -> tuple[str, str]:
    """Return what Go calls this system and its processor (``GOOS``, ``GOARCH``)."""
    machine = platform.machine().lower()
    system = "windows" if sys.platform == "win32" else sys.platform
    return system, _ARCHITECTURES.get(machine, machine)


def prepared(
    commands: Sequence[PlatformCommand],
    extra: Sequence[str],
    variables: Mapping[str, str],
    *,
    expand: bool = True,
    here: tuple[str, str] | None = None,
) -> list[str]:
    """Return program and arguments of the entry that fits this system best.

    Args:
        commands: The entries of a manifest.
        extra: Arguments that follow those of the entry.
        variables: What ``$NAME`` and ``${NAME}`` stand for.
        expand: Whether they are replaced in arguments as well; in the program they always are.
        here: System and processor.

    Raises:
        PluginInvalid: No entry fits.
    """
    chosen = _chosen(commands, here or this_system())
    words = chosen.command.split(" ") if chosen else [""]
    if chosen is None or not words[0]:
        raise PluginInvalid("no plugin command is applicable")
    own = [*words[1:], *chosen.arguments]
    arguments = [expanded(word, variables) for word in own] if expand else own
    return [expanded(words[0], variables), *arguments, *extra]


def _chosen(commands: Sequence[PlatformCommand], here: tuple[str, str]) -> PlatformCommand | None:
    """Return the first entry for system and processor, else the first for the system, else the first for all."""
    system, architecture = here
    for_system = for_all = None
    for entry in commands:
        same_system = entry.system.lower() == system
        if same_system and entry.architecture.lower() == architecture:
            return entry
        if (entry.system and not same_system) or entry.architecture:
            continue
        if entry.system:
            for_system = for_system or entry
        else:
            for_all = for_all or entry
    return for_system or for_all


_VARIABLE = re.compile(r"\$(?:\{([^}]*)\}|([*#$@!?\-0-9])|([A-Za-z0-9_]+)|\{?)")


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """Return a text with ``$NAME`` and ``${NAME}`` replaced (``os.Expand``); what is not set becomes nothing."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2] or found[3]
        if name is None:
            return "$" if found[0] == "$" else ""
        return variables.get(name, "")

    return _VARIABLE.sub(value, text)
