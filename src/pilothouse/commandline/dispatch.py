"""Running a command line: find the command, read its flags, check, call (``cobra.Command.ExecuteC``)."""

from __future__ import annotations

from pilothouse.commandline.command import Command, Invocation
from pilothouse.commandline.errors import UnknownCommand, UsageError
from pilothouse.commandline.parser import FlagParser, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pilothouse.commandline.terminal import Streams

_COMPLETE = ("__complete", "__completeNoDesc")


def dispatch(
    root: Command,
    words: Sequence[str],
    streams: Streams,
    variables: Mapping[str, str],
    *,
    before: Callable[[], None] | None = None,
) -> None:
    """Carry out the command line ``words``.

    Args:
        root: The command of the program.
        words: Arguments of the process, without its name.
        streams: Where to read and write.
        variables: Environment variables; some steer completion.
        before: Called once flags were read and before arguments are checked (``cobra.OnInitialize``).

    Raises:
        UsageError: The command line cannot be understood.
    """
    asked = next((word for word in words if word in _COMPLETE), "")
    if asked:
        from pilothouse.commandline.completion import completion_request, print_completions

        request = completion_request(root, words)
        if request is not None:
            print_completions(root, request, asked, streams, variables)
            return
    command, rest = find(root, words)
    if command.deprecated:
        streams.warn(f'Command "{command.name}" is deprecated, {command.deprecated}')
    invocation = understood(command, rest, streams)
    if invocation is None:
        from pilothouse.commandline.help import help_text

        streams.out.write(help_text(command))
        return
    if before is not None:
        before()
    if command.validate is not None:
        command.validate(invocation)
    check_exclusive(invocation)
    if command.run is not None:
        command.run(invocation)


def understood(command: Command, words: Sequence[str], streams: Streams) -> Invocation | None:
    """Return the invocation of ``command``, ``None`` when its help is wanted."""
    if command.raw:
        return Invocation(command, list(words), {}, set(), streams)
    parser = FlagParser(command.flags(), warn=streams.warn)
    parser.parse(words)
    if parser.values.get("help") or command.run is None:
        return None
    return Invocation(command, parser.arguments, parser.values, parser.changed, streams)


def check_exclusive(invocation: Invocation) -> None:
    """Refuse flags of one exclusive group together (``MarkFlagsMutuallyExclusive``)."""
    for group in invocation.command.exclusive:
        given = sorted(name for name in group if name in invocation.changed)
        if len(given) > 1:
            raise UsageError(
                f"if any flags in the group [{' '.join(group)}] are set none of the others can be; "
                f"[{' '.join(given)}] were all set"
            )


def help_command() -> Command:
    """Return the command ``help``, which every program has."""
    return Command(
        "help [command]",
        "Help about any command",
        long="Prints the help of a command: name it with its whole path, as in 'help get values'.",
        complete=_complete_topic,
        run=_run_help,
    )


def _root(command: Command) -> Command:
    while command.parent:
        command = command.parent
    return command


def _run_help(invocation: Invocation) -> None:
    from pilothouse.commandline.help import help_text, usage_text

    root = _root(invocation.command)
    try:
        topic, _rest = find(root, invocation.arguments)
    except UnknownCommand:
        words = " ".join(f"`{word}`" for word in invocation.arguments)
        invocation.streams.err.write(f"Unknown help topic [{words}]\n{usage_text(root, help_flag=False)}")
        return
    invocation.streams.out.write(help_text(topic))


def _complete_topic(invocation: Invocation, typed: str) -> tuple[list[str], int]:
    root = _root(invocation.command)
    try:
        topic, _rest = find(root, invocation.arguments)
    except UnknownCommand:
        return [], 4
    shown = (child for child in sorted(topic.children, key=lambda each: each.name) if not child.hidden)
    return [f"{child.name}\t{child.short}" for child in shown if child.name.startswith(typed)], 4


def lenient_values(root: Command, words: Sequence[str], warn: Callable[[str], None] | None = None) -> FlagParser:
    """Return the persistent flags of the root as far as they can be read before the command is known."""
    parser = FlagParser(root.persistent, lenient=True, warn=warn)
    try:  # noqa: SIM105 - contextlib costs start-up time
        parser.parse(words)
    except UsageError:
        pass
    return parser
