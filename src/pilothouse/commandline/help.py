"""Help texts in Cobra's layout."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.commandline.command import Command
    from pilothouse.commandline.options import Option

_NAME_PADDING = 11


def help_text(command: Command) -> str:
    """Return what ``--help`` prints: the long or short text and the usage."""
    text = (command.long or command.short).rstrip()
    return f"{text}\n\n{usage_text(command)}" if text else usage_text(command)


def usage_text(command: Command, *, help_flag: bool = True) -> str:
    """Return the usage, flags and commands of ``command``.

    Args:
        command: What is described.
        help_flag: Whether ``--help`` is among the flags; Cobra adds it only when a command is called.
    """
    shown = [child for child in sorted(command.children, key=lambda each: each.name) if not child.hidden]
    parts = ["Usage:"]
    if command.run is not None:
        parts.append(f"\n  {command.usage_line}")
    if shown:
        parts.append(f"\n  {command.path} [command]")
    if command.aliases:
        parts.append(f"\n\nAliases:\n  {', '.join((command.name, *command.aliases))}")
    if shown:
        width = max(_NAME_PADDING, *(len(child.name) for child in command.children))
        parts.append("\n\nAvailable Commands:")
        parts += [f"\n  {child.name:<{width}} {child.short}" for child in shown]
    for heading, options in (("Flags", command.local()), ("Global Flags", command.inherited())):
        visible = [option for option in options if not option.hidden and (help_flag or option.name != "help")]
        if visible:
            parts.append(f"\n\n{heading}:\n{flag_usages(visible)}")
    if shown:
        parts.append(f'\n\nUse "{command.path} [command] --help" for more information about a command.')
    return "".join(parts) + "\n"


def type_and_usage(option: Option) -> tuple[str, str]:
    """Return the type word and the text of a flag (``pflag.UnquoteUsage``)."""
    usage = option.usage
    if usage.count("`") >= 2:
        before, word, after = usage.split("`", 2)
        return word, before + word + after
    return option.kind.word, usage


def default_text(option: Option) -> str:
    """Return the default as help prints it, empty when it is the zero value."""
    shown = option.kind.show(option.default)
    if not shown or not option.kind.quoted:
        return shown
    from pilothouse.golang.quoting import quote

    return quote(shown)


def flag_usages(options: Sequence[Option]) -> str:
    """Return one line for each flag, sorted, the texts in one column (``pflag.FlagSet.FlagUsages``)."""
    lines: list[tuple[str, str]] = []
    for option in sorted(options, key=lambda each: each.name):
        left = f"  -{option.shorthand}, --{option.name}" if option.shorthand else f"      --{option.name}"
        word, usage = type_and_usage(option)
        if word:
            left += f" {word}"
        if option.bare and option.kind.word == "string":
            left += f'[="{option.bare}"]'
        elif option.bare and option.kind.word:
            left += f"[={option.bare}]"
        default = default_text(option)
        lines.append((left, f"{usage} (default {default})" if default else usage))
    width = max(len(left) for left, _usage in lines) + 3
    return "\n".join(f"{left:<{width}}{usage}".rstrip(" ") for left, usage in lines)
