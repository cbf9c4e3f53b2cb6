"""Help in Cobra's layout."""

from __future__ import annotations

from pilothouse.commandline.command import Command
from pilothouse.commandline.help import flag_usages, help_text
from pilothouse.commandline.options import BOOL, DURATION, INT, TEXT_ARRAY, TEXT_MAP, Custom, Option


def test_flags_stand_in_columns_with_types_and_defaults() -> None:
    """Types, values without argument and defaults are shown as pflag shows them."""
    options = [
        Option("wait", "wait for it", Custom("Strategy", lambda text, _c: text, shown="none"), bare="watcher"),
        Option("name", "the `title` of it", default="x y", shorthand="n"),
        Option("max", "how many", INT, default=3),
        Option("all", "everything", BOOL, shorthand="a"),
        Option("on", "is on", BOOL, default=True),
        Option("timeout", "how long", DURATION, default=300.0),
        Option("dry-run", "try", bare="unset", default="none"),
        Option("set", "values", TEXT_ARRAY),
        Option("labels", "labels", TEXT_MAP),
    ]
    assert flag_usages(options).splitlines() == [
        "  -a, --all                        everything",
        '      --dry-run string[="unset"]   try (default "none")',
        "      --labels stringToString      labels (default [])",
        "      --max int                    how many (default 3)",
        '  -n, --name title                 the title of it (default "x y")',
        "      --on                         is on (default true)",
        "      --set stringArray            values",
        "      --timeout duration           how long (default 5m0s)",
        "      --wait Strategy[=watcher]    wait for it (default none)",
    ]


def test_a_group_lists_its_commands() -> None:
    """The page of a group has its commands, its flags, the global flags and where to read on."""
    root = Command(
        "tool",
        persistent=[Option("debug", "tell more", BOOL)],
        children=[
            Command(
                "repo",
                "manage repos",
                long="\nLong text.\n",
                aliases=("r",),
                children=[Command("add NAME", "add one"), Command("secret", hidden=True)],
            )
        ],
    )
    assert help_text(root.children[0]) == (
        "\nLong text.\n\n"
        "Usage:\n  tool repo [command]\n\n"
        "Aliases:\n  repo, r\n\n"
        "Available Commands:\n  add         add one\n\n"
        "Flags:\n  -h, --help   help for repo\n\n"
        "Global Flags:\n      --debug   tell more\n\n"
        'Use "tool repo [command] --help" for more information about a command.\n'
    )


def test_the_flags_of_a_command_hide_global_ones_of_the_same_name() -> None:
    """A command's own flag stands in place of the global one."""
    child = Command("x", options=[Option("debug", "mine", BOOL)], run=lambda _invocation: None)
    Command("tool", persistent=[Option("debug", "tell more", BOOL)], children=[child])
    assert "tell more" not in help_text(child)
    assert "Usage:\n  tool x [flags]\n" in help_text(child)
