"""Completion of the command line: Cobra's ``__complete`` protocol.

The shell's script calls ``program __complete WORD…``; the last word is what was typed so far. The answer is one offer
a line, with its description after a tab, and a last line ``:DIRECTIVE``.
"""

from __future__ import annotations

from pilothouse.commandline.command import Command, Invocation
from pilothouse.commandline.errors import UnknownCommand, UsageError
from pilothouse.commandline.options import Option
from pilothouse.commandline.parser import FlagParser, find, without_flags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pilothouse.commandline.terminal import Streams

DEFAULT = 0
ERROR = 1
NO_SPACE = 2
NO_FILES = 4
FILTER_EXTENSIONS = 8
FILTER_FOLDERS = 16
KEEP_ORDER = 32

_NAMES = (
    (ERROR, "ShellCompDirectiveError"),
    (NO_SPACE, "ShellCompDirectiveNoSpace"),
    (NO_FILES, "ShellCompDirectiveNoFileComp"),
    (FILTER_EXTENSIONS, "ShellCompDirectiveFilterFileExt"),
    (FILTER_FOLDERS, "ShellCompDirectiveFilterDirs"),
    (KEEP_ORDER, "ShellCompDirectiveKeepOrder"),
)
_ACTIVE_HELP = "_activeHelp_ "
_REQUESTS = ("__complete", "__completeNoDesc")


def completion_request(root: Command, words: Sequence[str]) -> list[str] | None:
    """Return the words to complete when ``words`` ask for completion, else ``None``."""
    plain = without_flags(root, words)
    if not plain or plain[0] not in _REQUESTS:
        return None
    rest = list(words)
    rest.remove(plain[0])
    if not rest:
        raise UsageError("requires at least 1 arg(s), only received 0")
    return rest


def print_completions(
    root: Command, words: list[str], asked: str, streams: Streams, variables: Mapping[str, str]
) -> None:
    """Print the offers for the last of ``words`` and the directive."""
    try:
        offers, directive = complete(root, words, streams)
    except UsageError as error:
        streams.err.write(f"[Debug] [Error] {error.message}\n")
        offers, directive = [], DEFAULT
    described = asked == "__complete" and _setting(root, variables, "COMPLETION_DESCRIPTIONS") not in _FALSE
    hints = _setting(root, variables, "ACTIVE_HELP") != "0"
    for offer in offers:
        if not hints and offer.startswith(_ACTIVE_HELP):
            continue
        shown = offer if described else offer.split("\t", 1)[0]
        streams.out.write(shown.split("\n", 1)[0].strip() + "\n")
    streams.out.write(f":{directive}\n")
    streams.warn(f"Completion ended with directive: {directive_names(directive)}")


_FALSE = ("0", "f", "F", "FALSE", "false", "False")


def _setting(root: Command, variables: Mapping[str, str], name: str) -> str:
    own = variables.get(f"{root.name.upper().replace('-', '_')}_{name}", "")
    return own or variables.get(f"COBRA_{name}", "")


def directive_names(directive: int) -> str:
    """Return the names of the bits set in ``directive``."""
    if directive >= 2 * KEEP_ORDER:
        return f"ERROR: unexpected ShellCompDirective value: {directive}"
    return ", ".join(name for bit, name in _NAMES if directive & bit) or "ShellCompDirectiveDefault"


def complete(root: Command, words: Sequence[str], streams: Streams) -> tuple[list[str], int]:
    """Return the offers for the last word and the directive (``cobra.Command.getCompletions``).

    Raises:
        UsageError: The words before cannot be understood.
    """
    *before, typed = words
    try:
        command, rest = find(root, before)
    except UnknownCommand:
        raise UsageError(f"unable to find a command for arguments: [{' '.join(before)}]") from None
    options = command.flags()
    if command.raw:
        invocation = Invocation(command, rest, {}, set(), streams)
        flags = _flag_names(invocation, typed) if typed.startswith("-") else []
        more, directive = _arguments(invocation, typed)
        return [*(offer for offer in flags if not offer.startswith(("--help", "-h"))), *more], directive
    option, rest, typed, failure = _flag_before(command, options, rest, typed)
    parser = FlagParser(options, warn=streams.warn)
    try:
        parser.parse(rest)
    except UsageError as error:
        raise UsageError(f"Error while parsing flags from args [{' '.join(rest)}]: {error.message}") from None
    if failure is not None and not parser.dashed:
        raise failure
    if parser.values.get("help"):
        return [], NO_FILES
    invocation = Invocation(command, parser.arguments, parser.values, parser.changed, streams)
    if option is not None and not parser.dashed:
        return option.complete(invocation, typed) if option.complete else ([], DEFAULT)
    if typed.startswith("-") and "=" not in typed and not parser.dashed:
        return _flag_names(invocation, typed), NO_FILES
    return _arguments(invocation, typed)


def _arguments(invocation: Invocation, typed: str) -> tuple[list[str], int]:
    command = invocation.command
    offers: list[str] = []
    directive = DEFAULT
    local = {option.name for option in command.options}
    if not invocation.arguments and not local & invocation.changed:
        for child in sorted(command.children, key=lambda each: each.name):
            if not child.hidden:
                directive = NO_FILES
                if child.name.startswith(typed):
                    offers.append(f"{child.name}\t{child.short}")
    if command.complete is None:
        return offers, directive
    more, directive = command.complete(invocation, typed)
    return offers + more, directive


def _flag_names(invocation: Invocation, typed: str) -> list[str]:
    command = invocation.command
    barred: set[str] = set()
    for group in command.exclusive:
        if invocation.changed.intersection(group):
            barred.update(name for name in group if name not in invocation.changed)
    offers: list[str] = []
    for options in (command.inherited(), command.local()):
        for option in sorted(options, key=lambda each: each.name):
            # Helm reads its global flags before Cobra does: a switch that is typed in full counts as given.
            typed_out = typed == f"--{option.name}" and option.bare and option in _top(command).persistent
            given = typed_out or (option.name in invocation.changed and not option.kind.repeatable)
            if option.hidden or given or option.name in barred:
                continue
            usage = option.usage.replace("`", "")
            if f"--{option.name}".startswith(typed):
                offers.append(f"--{option.name}\t{usage}")
            if option.shorthand and f"-{option.shorthand}".startswith(typed):
                offers.append(f"-{option.shorthand}\t{usage}")
    return offers


def _top(command: Command) -> Command:
    while command.parent is not None:
        command = command.parent
    return command


def _flag_before(
    command: Command, options: list[Option], rest: list[str], typed: str
) -> tuple[Option | None, list[str], str, UsageError | None]:
    """Return the flag whose value is being typed, the words without it and the part of the value typed so far."""
    name, value, trimmed = "", typed, rest
    if typed.startswith("-"):
        left, equals, value = typed.partition("=")
        if not equals:
            return None, rest, typed, None
        name = left[2:] if left.startswith("--") else left[-1:]
    elif rest and "=" not in rest[-1] and _is_flag(rest[-1]):
        name = rest[-1][2:] if rest[-1].startswith("--") else rest[-1][-1]
        trimmed = rest[:-1]
    if not name:
        return None, trimmed, value, None
    option = _named(options, name)
    if option is None:
        message = f"Subcommand '{command.name}' does not support flag '{name}'"
        return None, rest, typed, UsageError(message)
    if option.bare and not typed.startswith("-"):
        return None, rest, value, None
    return option, trimmed, value, None


def _named(options: list[Option], name: str) -> Option | None:
    for option in options:
        if option.name == name or (len(name) == 1 and option.shorthand == name):
            return option
    return None


def _is_flag(word: str) -> bool:
    return (len(word) >= 3 and word.startswith("--")) or (len(word) >= 2 and word[0] == "-" and word[1] != "-")
