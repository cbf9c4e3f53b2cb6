"""Running command lines."""

from __future__ import annotations

import pytest

from pilothouse.commandline.command import Command, Invocation, at_least, at_most, exactly, no_arguments
from pilothouse.commandline.dispatch import dispatch, help_command, lenient_values
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, Option
from pilothouse.commandline.runner import Outcome, run_in_process


def tree() -> Command:
    """Return a tree whose commands print what they were given."""

    def echo(invocation: Invocation) -> None:
        invocation.streams.out.line(f"{invocation.command.name} {invocation.arguments} {sorted(invocation.changed)}")

    return Command(
        "tool",
        long="The tool",
        persistent=[Option("debug", "", BOOL)],
        children=[
            help_command(),
            Command("none", validate=no_arguments, run=echo),
            Command("one NAME", validate=exactly(1), run=echo),
            Command("two", validate=exactly(2), run=echo),
            Command("most", validate=at_most(1), run=echo),
            Command("least", validate=at_least(1), run=echo),
            Command(
                "either",
                options=[Option("b", "", BOOL), Option("a", "", BOOL)],
                exclusive=(("b", "a"),),
                run=echo,
            ),
            Command("later", "a row", load=lambda: Command("later", "whole", run=echo)),
        ],
    )


def run(*words: str) -> Outcome:
    """Run a command line in the tree."""

    def program(words: object, streams: object) -> int:
        try:
            dispatch(tree(), words, streams, {})  # type: ignore[arg-type]
        except UsageError as error:
            streams.err.line(error.message)  # type: ignore[attr-defined]
            return 1
        return 0

    return run_in_process(program, words)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("none x", '"tool none" accepts no arguments\n\nUsage:  tool none [flags]\n'),
        ("one", '"tool one" requires 1 argument\n\nUsage:  tool one NAME [flags]\n'),
        ("two x", '"tool two" requires 2 arguments\n\nUsage:  tool two [flags]\n'),
        ("most x y", '"tool most" accepts at most 1 argument\n\nUsage:  tool most [flags]\n'),
        ("least", '"tool least" requires at least 1 argument\n\nUsage:  tool least [flags]\n'),
        (
            "either --a --b",
            "if any flags in the group [b a] are set none of the others can be; [a b] were all set\n",
        ),
    ],
)
def test_wrong_arguments_are_refused_with_the_usage_line(words: str, message: str) -> None:
    """Counts of arguments and flags that exclude each other are checked before anything runs."""
    outcome = run(*words.split())
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (1, "", message)


def test_a_row_is_made_whole_when_it_is_called() -> None:
    """The loader runs for the command that was named."""
    assert run("--debug", "later", "x").stdout == "later ['x'] ['debug']\n"


def test_help_is_printed_for_a_topic_and_for_the_flag() -> None:
    """'help X' and 'X --help' print the same."""
    assert run("help", "one").stdout == run("one", "--help").stdout != ""
    assert run().stdout.startswith("The tool\n\nUsage:\n  tool [command]\n")


def test_an_unknown_topic_is_told_on_standard_error_and_is_no_failure() -> None:
    """Cobra names the topic in backquotes and prints the usage of the program."""
    outcome = run("help", "no", "pe")
    assert outcome.exit_code == 0
    assert outcome.stderr.startswith("Unknown help topic [`no` `pe`]\nUsage:\n  tool [command]\n")


def test_global_flags_can_be_read_before_the_command_is_known() -> None:
    """Reading them early passes over what it does not know."""
    assert lenient_values(tree(), ["x", "--nope", "y", "--debug"]).values["debug"] is True
    assert lenient_values(tree(), ["--debug=maybe"]).values["debug"] is False
