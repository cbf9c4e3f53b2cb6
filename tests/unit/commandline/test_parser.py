"""Reading words as flags, and finding the command they name."""

from __future__ import annotations

import pytest

from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UnknownCommand, UsageError
from pilothouse.commandline.options import BOOL, INT, TEXT, TEXT_ARRAY, Option
from pilothouse.commandline.parser import FlagParser, find, suggestions, without_flags


def options() -> list[Option]:
    """Return a set of flags with every kind of value."""
    return [
        Option("all", "", BOOL, shorthand="a"),
        Option("quiet", "", BOOL, shorthand="q"),
        Option("file", "", TEXT, shorthand="f"),
        Option("set", "", TEXT_ARRAY),
        Option("max", "", INT, default=256, shorthand="m"),
        Option("wait", "", TEXT, default="no", bare="yes"),
        Option("old", "", BOOL, deprecated="use --all instead"),
    ]


@pytest.mark.parametrize(
    ("words", "arguments", "values"),
    [
        ("x --all y", ["x", "y"], {"all": True}),
        ("-aq x", ["x"], {"all": True, "quiet": True}),
        ("-aqf=v x", ["x"], {"all": True, "file": "v"}),
        ("-fv x", ["x"], {"file": "v"}),
        ("-f v x", ["x"], {"file": "v"}),
        ("--file=v=w", [], {"file": "v=w"}),
        ("--file -x", [], {"file": "-x"}),
        ("--all=false", [], {"all": False}),
        ("--all false", ["false"], {"all": True}),
        ("--wait client", ["client"], {"wait": "yes"}),
        ("--wait=client", [], {"wait": "client"}),
        ("--set a --set b,c", [], {"set": ("a", "b,c")}),
        ("a -- --all -x", ["a", "--all", "-x"], {"all": False}),
        ("- x", ["-", "x"], {}),
        ("--max 3 -m 4", [], {"max": 4}),
    ],
)
def test_flags_may_stand_anywhere_and_in_every_form(
    words: str, arguments: list[str], values: dict[str, object]
) -> None:
    """Long, short, grouped, with and without '=': all as pflag takes them."""
    parser = FlagParser(options())
    parser.parse(words.split())
    assert parser.arguments == arguments
    assert {name: parser.values[name] for name in values} == values


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--nope", "unknown flag: --nope"),
        ("--nope=1", "unknown flag: --nope"),
        ("-az", "unknown shorthand flag: 'z' in -z"),
        ("-=", "unknown shorthand flag: '=' in -="),
        ("--file", "flag needs an argument: --file"),
        ("-af", "flag needs an argument: 'f' in -f"),
        ("--=x", "bad flag syntax: --=x"),
        ("---x", "bad flag syntax: ---x"),
        ("-m x", 'invalid argument "x" for "-m, --max" flag: strconv.ParseInt: parsing "x": invalid syntax'),
        ("--all=x", 'invalid argument "x" for "-a, --all" flag: strconv.ParseBool: parsing "x": invalid syntax'),
    ],
)
def test_what_pflag_refuses_is_refused_in_its_words(words: str, message: str) -> None:
    """The text of an error is pflag's."""
    with pytest.raises(UsageError) as caught:
        FlagParser(options()).parse(words.split())
    assert caught.value.message == message


def test_the_first_byte_of_an_unknown_letter_is_named() -> None:
    """Flags are read as bytes, so a letter beyond ASCII shows as its first byte."""
    with pytest.raises(UsageError, match="unknown shorthand flag: 'Ã' in -é"):
        FlagParser(options()).parse(["-é"])


def test_a_lenient_parser_passes_over_unknown_flags_and_their_values() -> None:
    """Global flags can be read before the command is known."""
    parser = FlagParser(options(), lenient=True)
    parser.parse(["--nope", "value", "-z", "w", "-y=1", "--all", "--max=1"])
    assert parser.values["all"] is True
    assert parser.values["max"] == 1


def test_a_deprecated_flag_warns_each_time_it_is_given() -> None:
    """The warning says what to use instead."""
    heard: list[str] = []
    FlagParser(options(), warn=heard.append).parse(["--old", "--old"])
    assert heard == ["Flag --old has been deprecated, use --all instead"] * 2


def tree() -> Command:
    """Return a small tree of commands."""
    return Command(
        "tool",
        persistent=[Option("name", "", TEXT, shorthand="n"), Option("debug", "", BOOL)],
        children=[
            Command("list", aliases=("ls",), run=lambda _invocation: None),
            Command("lint", run=lambda _invocation: None),
            Command("remove", suggest_for=("rm",), run=lambda _invocation: None),
            Command("repo", children=[Command("add NAME", run=lambda _invocation: None)]),
            Command("hidden", hidden=True),
        ],
    )


@pytest.mark.parametrize(
    ("words", "path", "rest"),
    [
        ("list x", "tool list", ["x"]),
        ("ls", "tool list", []),
        ("-n list repo add x", "tool repo add", ["-n", "list", "x"]),
        ("--debug repo add x", "tool repo add", ["--debug", "x"]),
        ("--name=repo list list", "tool list", ["--name=repo", "list"]),
        ("repo nope", "tool repo", ["nope"]),
        ("-- list", "tool", ["--", "list"]),
        ("-n list", "tool", ["-n", "list"]),
        ("", "tool", []),
    ],
)
def test_the_command_is_found_between_flags(words: str, path: str, rest: list[str]) -> None:
    """Values of global flags are not taken for commands, and only the names are taken out."""
    command, found = find(tree(), words.split())
    assert (command.path, found) == (path, rest)


def test_an_unknown_command_comes_with_suggestions() -> None:
    """Commands that are close, begin so, or are declared for the word are offered."""
    with pytest.raises(UnknownCommand) as caught:
        find(tree(), ["lis"])
    assert caught.value.message == (
        'unknown command "lis" for "tool"\n\nDid you mean this?\n\tlint\n\tlist\n\nRun \'tool --help\' for usage.'
    )
    assert suggestions(tree(), "rm") == ("remove",)
    assert suggestions(tree(), "hidde") == ()


def test_a_lone_flag_with_a_value_ends_the_search() -> None:
    """A flag that needs a value and is followed by the last word takes it."""
    assert without_flags(tree(), ["--unknown", "list"]) == []
    assert without_flags(tree(), ["--debug", "list"]) == ["list"]
