"""Commands as data: a tree of names, flags and functions, in Cobra's grammar.

A command may be a row only: name, aliases and short text, with a function that makes the rest when it is needed.
"""

from __future__ import annotations

from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from pilothouse.commandline.options import Completer
    from pilothouse.commandline.terminal import Streams

    #: Checks the arguments of an invocation and raises UsageError.
    Validator = Callable[["Invocation"], None]


class Command:
    """One command, or a group of them.

    Args:
        use: Name and arguments as the usage line shows them, without the path.
        short: One line for lists of commands.
        long: Text of the command's own help, ``short`` when empty.
        options: Flags of this command.
        persistent: Flags of this command and of all below it.
        children: Commands below it.
        aliases: Other names.
        habits: Other names that help does not tell of.
        suggest_for: Words for which this command is offered when they are typed by mistake.
        hidden: Kept out of lists of commands.
        deprecated: What to use instead; it is told whenever the command is called.
        validate: Checks the number of arguments.
        complete: Offers arguments on the command line.
        exclusive: Groups of flags of which only one may be given.
        in_order: Whether commands are suggested in the order of ``children``, not by their names.
        raw: Whether flags are left to ``run``, among the arguments (``DisableFlagParsing``).
        run: Does the work; a command without it prints its help.
        load: Makes the whole command of which this one is only the row.
    """

    __slots__ = (
        "aliases",
        "children",
        "complete",
        "deprecated",
        "exclusive",
        "habits",
        "hidden",
        "in_order",
        "load",
        "long",
        "name",
        "options",
        "parent",
        "persistent",
        "raw",
        "run",
        "short",
        "suggest_for",
        "use",
        "validate",
    )

    def __init__(  # noqa: PLR0913 - these are the properties of cobra.Command
        self,
        use: str,
        short: str = "",
        *,
        long: str = "",
        options: Sequence[Option] = (),
        persistent: Sequence[Option] = (),
        children: Sequence[Command] = (),
        aliases: tuple[str, ...] = (),
        habits: tuple[str, ...] = (),
        suggest_for: tuple[str, ...] = (),
        hidden: bool = False,
        deprecated: str = "",
        validate: Validator | None = None,
        complete: Completer | None = None,
        exclusive: tuple[tuple[str, ...], ...] = (),
        in_order: bool = False,
        raw: bool = False,
        run: Callable[[Invocation], None] | None = None,
        load: Callable[[], Command] | None = None,
    ) -> None:
        self.use = use
        self.name = use.partition(" ")[0]
        self.short = short
        self.long = long
        self.options = list(options)
        self.persistent = list(persistent)
        self.children = list(children)
        self.aliases = aliases
        self.habits = habits
        self.suggest_for = suggest_for
        self.hidden = hidden
        self.deprecated = deprecated
        self.validate = validate
        self.complete = complete
        self.exclusive = exclusive
        self.in_order = in_order
        self.raw = raw
        self.run = run
        self.load = load
        self.parent: Command | None = None
        for child in self.children:
            child.parent = self

    def __repr__(self) -> str:
        return f"Command({self.path!r})"

    @property
    def path(self) -> str:
        """The names from the root to this command."""
        return f"{self.parent.path} {self.name}" if self.parent else self.name

    @property
    def usage_line(self) -> str:
        """The line that help shows under ``Usage:`` (``cobra.Command.UseLine``)."""
        line = f"{self.parent.path} {self.use}" if self.parent else self.use
        return line if "[flags]" in line else f"{line} [flags]"

    def child(self, name: str) -> Command | None:
        """Return the command below this one that ``name`` or an alias names, whole."""
        for child in self.children:
            if child.name == name or name in child.aliases or name in child.habits:
                return child.loaded()
        return None

    def loaded(self) -> Command:
        """Return the whole command of a row."""
        if self.load is None:
            return self
        whole = self.load()
        whole.parent = self.parent
        if self.parent:
            siblings = self.parent.children
            siblings[siblings.index(self)] = whole
        return whole

    def speak(self, dialect: int, *, strictly: bool) -> None:
        """Keep the flags that a dialect knows, here and below.

        Args:
            dialect: Its number, as :class:`Option` has it.
            strictly: Whether flags of other dialects are refused; otherwise they are taken and hidden, where their
                name is free.
        """
        for name in ("options", "persistent"):
            every: list[Option] = getattr(self, name)
            known = [option for option in every if option.spoken_in(dialect)]
            taken = {option.name for option in known}
            for option in every:
                if not strictly and option.name not in taken:
                    option.hidden = True
                    known.append(option)
            setattr(self, name, known)
        for child in self.children:
            child.speak(dialect, strictly=strictly)

    def inherited(self) -> list[Option]:
        """Return the persistent flags of the commands above, without those that this command defines anew."""
        own = {option.name for option in self.local()}
        found: list[Option] = []
        above = self.parent
        while above:
            found += [option for option in above.persistent if option.name not in own]
            own.update(option.name for option in above.persistent)
            above = above.parent
        return found

    def local(self) -> list[Option]:
        """Return the flags that this command defines, ``--help`` included."""
        found = [*self.options, *self.persistent]
        if not any(option.name == "help" for option in found):
            taken = any(option.shorthand == "h" for option in found)
            found.append(Option("help", f"help for {self.name}", BOOL, shorthand="" if taken else "h"))
            self.options.append(found[-1])
        return found

    def flags(self) -> list[Option]:
        """Return every flag that may be given."""
        return [*self.local(), *self.inherited()]


class Invocation:
    """A command line that was understood.

    Attributes:
        command: What was called.
        arguments: The words that are no flags.
        values: Value of each flag by long name, defaults included.
        changed: Long names of the flags that were given.
        streams: Where to read and write.
    """

    __slots__ = ("arguments", "changed", "command", "streams", "values")

    def __init__(
        self, command: Command, arguments: list[str], values: dict[str, Any], changed: set[str], streams: Streams
    ) -> None:
        self.command = command
        self.arguments = arguments
        self.values = values
        self.changed = changed
        self.streams = streams

    def text(self, name: str) -> str:
        """Return the value of a flag that takes a text, empty when the command has no such flag."""
        value: str = self.values.get(name, "")
        return value

    def flag(self, name: str) -> bool:
        """Return whether a switch is on."""
        return bool(self.values.get(name, False))

    def integer(self, name: str) -> int:
        """Return the value of a flag that takes an integer."""
        value: int = self.values.get(name, 0)
        return value

    def number(self, name: str) -> float:
        """Return the value of a flag that takes a number or a duration (in seconds)."""
        value: float = self.values.get(name, 0.0)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the values of a flag that may be repeated."""
        value: tuple[str, ...] = self.values.get(name, ())
        return value

    def pairs(self, name: str) -> dict[str, str]:
        """Return the value of a flag that takes keys and values."""
        value: dict[str, str] = self.values.get(name, {})
        return value


def _plural(count: int) -> str:
    return f"{count} argument" if count == 1 else f"{count} arguments"


def _refuse(invocation: Invocation, text: str) -> UsageError:
    command = invocation.command
    return UsageError(f'"{command.path}" {text}\n\nUsage:  {command.usage_line}')


def no_arguments(invocation: Invocation) -> None:
    """Refuse any argument."""
    if invocation.arguments:
        raise _refuse(invocation, "accepts no arguments")


def exactly(count: int) -> Validator:
    """Return a check that there are ``count`` arguments."""

    def check(invocation: Invocation) -> None:
        if len(invocation.arguments) != count:
            raise _refuse(invocation, f"requires {_plural(count)}")

    return check


def at_most(count: int) -> Validator:
    """Return a check that there are no more than ``count`` arguments."""

    def check(invocation: Invocation) -> None:
        if len(invocation.arguments) > count:
            raise _refuse(invocation, f"accepts at most {_plural(count)}")

    return check


def at_least(count: int) -> Validator:
    """Return a check that there are ``count`` arguments or more."""

    def check(invocation: Invocation) -> None:
        if len(invocation.arguments) < count:
            raise _refuse(invocation, f"requires at least {_plural(count)}")

    return check
