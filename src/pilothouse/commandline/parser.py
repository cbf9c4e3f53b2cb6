"""From words to commands and flags: pflag's parser and Cobra's search for the command."""

from __future__ import annotations

from pilothouse.commandline.errors import UnknownCommand, UsageError, ValueRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from pilothouse.commandline.command import Command
    from pilothouse.commandline.options import Option


class FlagParser:
    """Reads words against a set of flags (``pflag.FlagSet``).

    Args:
        options: The flags that may be given.
        lenient: Pass over unknown flags.
        warn: Hears of deprecated flags.
    """

    __slots__ = ("arguments", "changed", "dashed", "lenient", "long", "short", "values", "warn")

    def __init__(
        self, options: Sequence[Option], *, lenient: bool = False, warn: Callable[[str], None] | None = None
    ) -> None:
        self.lenient = lenient
        self.warn = warn
        self.long: dict[str, Option] = {}
        self.short: dict[str, Option] = {}
        self.values: dict[str, Any] = {}
        self.changed: set[str] = set()
        self.arguments: list[str] = []
        self.dashed = False
        for option in options:
            self.long[option.name] = option
            self.values[option.name] = option.default
            if option.shorthand:
                self.short.setdefault(option.shorthand, option)

    def parse(self, words: Sequence[str]) -> None:
        """Read ``words``; flags and arguments may be mixed, ``--`` ends the flags.

        Raises:
            UsageError: A flag is unknown, lacks its value or refuses it.
        """
        rest = list(words)
        rest.reverse()
        while rest:
            word = rest.pop()
            if len(word) < 2 or word[0] != "-":
                self.arguments.append(word)
            elif word == "--":
                self.dashed = True
                rest.reverse()
                self.arguments += rest
                return
            elif word[1] == "-":
                self._long(word, rest)
            else:
                self._short(word[1:], rest)

    def _long(self, word: str, rest: list[str]) -> None:
        name, equals, value = word[2:].partition("=")
        if not name or name[0] == "-":
            raise UsageError(f"bad flag syntax: {word}")
        option = self.long.get(name)
        if option is None:
            if not self.lenient:
                raise UsageError(f"unknown flag: --{name}")
            if not equals and rest and rest[-1][:1] != "-":
                rest.pop()
            return
        if not equals:
            if option.bare:
                value = option.bare
            elif rest:
                value = rest.pop()
            else:
                raise UsageError(f"flag needs an argument: --{name}")
        self._set(option, value)

    def _short(self, letters: str, rest: list[str]) -> None:
        while letters:
            letter = letters[0]
            option = self.short.get(letter)
            if option is None:
                if not self.lenient:
                    raise UsageError(f"unknown shorthand flag: {_quoted_byte(letter)} in -{letters}")
                if letters[1:2] == "=":
                    return None
                if rest and rest[-1][:1] != "-":
                    rest.pop()
                letters = letters[1:]
                continue
            if len(letters) > 2 and letters[1] == "=":
                return self._set(option, letters[2:])
            if option.bare:
                self._set(option, option.bare)
                letters = letters[1:]
                continue
            if len(letters) > 1:
                return self._set(option, letters[1:])
            if not rest:
                raise UsageError(f"flag needs an argument: '{letter}' in -{letters}")
            return self._set(option, rest.pop())
        return None

    def _set(self, option: Option, text: str) -> None:
        current = self.values[option.name] if option.name in self.changed else None
        try:
            value = option.kind.read(text, current)
        except ValueRefused as refused:
            from pilothouse.golang.quoting import quote

            name = f"-{option.shorthand}, --{option.name}" if option.shorthand else f"--{option.name}"
            raise ValueRefused(f'invalid argument {quote(text)} for "{name}" flag: {refused.message}') from None
        self.values[option.name] = value
        self.changed.add(option.name)
        if option.deprecated and self.warn:
            self.warn(f"Flag --{option.name} has been deprecated, {option.deprecated}")


def _quoted_byte(letter: str) -> str:
    """Return the first byte of a letter as Go's ``%q`` prints a byte."""
    first = chr(letter.encode("utf-8", "surrogateescape")[0])
    return "'\\''" if first == "'" else "'\\\\'" if first == "\\" else f"'{first}'"


def find(root: Command, words: Sequence[str]) -> tuple[Command, list[str]]:
    """Return the command that ``words`` name and the words without the names (``cobra.Command.Find``).

    Raises:
        UnknownCommand: The root has commands and none of this name.
    """
    command, rest = root, list(words)
    while True:
        plain = without_flags(command, rest)
        if not plain:
            return command, rest
        child = command.child(plain[0])
        if child is None:
            break
        rest = _without_first(command, rest, plain[0])
        command = child
    if command.parent is None and command.children:
        raise UnknownCommand(plain[0], command.path, suggestions(command, plain[0]))
    return command, rest


def _takes_next(word: str, command: Command) -> bool:
    """Return whether ``word`` is a flag whose value is the next word, as far as one can tell before parsing."""
    if "=" in word:
        return False
    if word.startswith("--"):
        return not any(option.bare for option in _known(command) if option.name == word[2:])
    if len(word) == 2 and word[0] == "-":
        return not any(option.bare for option in _known(command) if option.shorthand == word[1])
    return False


def _known(command: Command) -> list[Option]:
    # --help is unknown while the command is searched for, as in Cobra: it takes the next word with it.
    known = [*command.options, *command.persistent, *command.inherited()]
    return [option for option in known if option.name != "help"]


def without_flags(command: Command, words: Sequence[str]) -> list[str]:
    """Return the words that are neither flags nor their values (``cobra stripFlags``)."""
    plain: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word == "--":
            break
        if word.startswith("-") and _takes_next(word, command):
            if len(words) - position <= 1:
                break
            position += 1
        elif word and not word.startswith("-"):
            plain.append(word)
    return plain


def _without_first(command: Command, words: list[str], name: str) -> list[str]:
    """Return ``words`` without the first argument ``name`` (``cobra argsMinusFirstX``)."""
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--":
            break
        if word.startswith("-") and _takes_next(word, command):
            position += 1
        elif word == name:
            return words[:position] + words[position + 1 :]
        position += 1
    return words


def suggestions(command: Command, typed: str) -> tuple[str, ...]:
    """Return the commands that were perhaps meant by ``typed`` (``cobra.Command.SuggestionsFor``)."""
    lowered = typed.lower()
    found = []
    children = command.children if command.in_order else sorted(command.children, key=lambda each: each.name)
    for child in children:
        if child.hidden or (child.name == "help" and command.parent is None):
            continue  # Cobra counts its help command as none that could be meant
        name = child.name.lower()
        if name.startswith(lowered) or _distance(lowered, name) <= 2:
            found.append(child.name)
        found += [child.name for word in child.suggest_for if word.lower() == lowered]
    return tuple(found)


def _distance(first: str, second: str) -> int:
    """Return the Levenshtein distance."""
    row = list(range(len(second) + 1))
    for index, letter in enumerate(first, 1):
        diagonal, row[0] = row[0], index
        for column, other in enumerate(second, 1):
            cost = diagonal if letter == other else 1 + min(diagonal, row[column], row[column - 1])
            diagonal, row[column] = row[column], cost
    return row[-1]
