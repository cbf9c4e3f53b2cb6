"""What a plugin offers to complete: a static tree in completion.yaml, and its program ``plugin.complete``."""

from __future__ import annotations

import os

from pilothouse.errors import PilothouseError
from pilothouse.plugins.run import captured, variables_of
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.plugins.discovery import Plugin

_STATIC = "completion.yaml"
_DYNAMIC = "plugin.complete"


class Offers(Record):
    """A command of a plugin, as completion.yaml describes it.

    Attributes:
        name: Its name; the plugin's own command has none here.
        arguments: What may follow it.
        flags: Names of flags; those of one letter are shorthands.
        commands: Commands below it; ``None`` where none are described, so that the program is asked.
    """

    name: str = ""
    arguments: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    commands: tuple[Offers, ...] | None = None


def static_offers(plugin: Plugin) -> Offers:
    """Return what completion.yaml describes; nothing when there is none or it cannot be read."""
    from pilothouse.formats.yaml_text import decode

    try:
        with open(os.path.join(plugin.folder, _STATIC), "rb") as file:
            value = decode(file.read(1 << 20))
    except (OSError, PilothouseError):
        return Offers()
    return _offers(value)


def _offers(value: YamlValue) -> Offers:
    if not isinstance(value, dict):
        return Offers()
    commands = value.get("commands")
    return Offers(
        name=_text(value.get("name")),
        arguments=tuple(_text(item) for item in _items(value.get("validArgs"))),
        flags=tuple(_text(item) for item in _items(value.get("flags"))),
        commands=tuple(_offers(item) for item in commands) if isinstance(commands, list) else None,
    )


def _items(value: YamlValue) -> list[YamlValue]:
    return value if isinstance(value, list) else []


def _text(value: YamlValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if value is not None else ""


def paired_flags(flags: Sequence[str]) -> list[tuple[str, str]]:
    """Return long names with shorthands, as Helm pairs them; a shorthand that is left over is a long name too."""
    short = [flag for flag in flags if len(flag) == 1]
    long = [flag for flag in flags if len(flag) > 1]
    if len(long) >= len(short):
        return [(name, short[place] if place < len(short) else "") for place, name in enumerate(long)]
    return [(long[place] if place < len(long) else letter, letter) for place, letter in enumerate(short)]


def dynamic_offers(
    plugin: Plugin, path: Sequence[str], words: Sequence[str], typed: str, variables: Mapping[str, str]
) -> tuple[list[str], int]:
    """Return what the plugin's program offers, and the shell's directive in its last line (``pluginDynamicComp``)."""
    given = () if plugin.manifest.ignore_flags else (*words, typed)
    program = os.path.join(plugin.folder, _DYNAMIC)
    try:
        code, output, errors = captured([program, *path, *given], variables_of(plugin, variables), None)
    except PilothouseError:
        return [], 0
    if code:
        return [], 0
    lines = [line for line in (output + errors).decode("utf-8", "replace").split("\n") if line]
    if lines and lines[-1][0] == ":" and lines[-1][1:].lstrip("-").isdecimal():
        return lines[:-1], int(lines[-1][1:])
    return lines, 0
