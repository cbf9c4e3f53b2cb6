"""The __complete protocol."""

from __future__ import annotations

import pytest

from pilothouse.commandline.command import Command, Invocation
from pilothouse.commandline.completion import directive_names
from pilothouse.commandline.dispatch import dispatch
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, TEXT_ARRAY, Option
from pilothouse.commandline.runner import Outcome, run_in_process


def tree() -> Command:
    """Return a tree with completers."""

    def names(invocation: Invocation, typed: str) -> tuple[list[str], int]:
        if invocation.arguments:
            return ["_activeHelp_ no more"], 4
        return [name for name in ("alpha\tfirst", "beta") if name.startswith(typed)], 4

    def formats(_invocation: Invocation, _typed: str) -> tuple[list[str], int]:
        return ["json\tJSON", "yaml\tYAML"], 4

    return Command(
        "tool",
        persistent=[Option("debug", "tell more", BOOL)],
        children=[
            Command(
                "show",
                "show it",
                options=[
                    Option("output", "the `kind` of it", shorthand="o", complete=formats),
                    Option("set", "values", TEXT_ARRAY),
                    Option("either", "one", BOOL),
                    Option("or", "other", BOOL),
                    Option("old", "gone", BOOL, deprecated="use --set"),
                ],
                exclusive=(("either", "or"),),
                complete=names,
                run=lambda _invocation: None,
            ),
            Command("shop", "buy it", children=[Command("cart", "fill it", run=lambda _invocation: None)]),
            Command("secret", hidden=True, run=lambda _invocation: None),
        ],
    )


def ask(*words: str, asked: str = "__complete", variables: dict[str, str] | None = None) -> Outcome:
    """Ask for the completion of the last word."""

    def program(words: object, streams: object) -> int:
        try:
            dispatch(tree(), words, streams, variables or {})  # type: ignore[arg-type]
        except UsageError as error:
            streams.err.line(error.message)  # type: ignore[attr-defined]
            return 1
        return 0

    return run_in_process(program, [asked, *words])


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("sh",), ["shop\tbuy it", "show\tshow it", ":4"]),
        (("se",), [":4"]),
        (("shop", ""), ["cart\tfill it", ":4"]),
        (("show", ""), ["alpha\tfirst", "beta", ":4"]),
        (("show", "b"), ["beta", ":4"]),
        (("show", "alpha", ""), ["_activeHelp_ no more", ":4"]),
        (("show", "-o", ""), ["json\tJSON", "yaml\tYAML", ":4"]),
        (("show", "--output=j"), ["json\tJSON", "yaml\tYAML", ":4"]),
        (("show", "--set", "x", "--s"), ["--set\tvalues", ":4"]),
        (("show", "--o"), ["--or\tother", "--output\tthe kind of it", ":4"]),
        (("show", "-"), ["--debug\ttell more", "--either\tone", "--help\thelp for show", "-h\thelp for show",
                        "--or\tother", "--output\tthe kind of it", "-o\tthe kind of it", "--set\tvalues", ":4"]),
        (("show", "--either", "--o"), ["--output\tthe kind of it", ":4"]),
        (("show", "--debug", "b"), ["beta", ":4"]),
        (("show", "--set", ""), [":0"]),
        (("show", "--help", ""), [":4"]),
    ],
)  # fmt: skip
def test_words_flags_and_values_are_offered(words: tuple[str, ...], answer: list[str]) -> None:
    """Offers, descriptions and directives are Cobra's."""
    assert ask(*words).stdout.splitlines() == answer


def test_descriptions_and_hints_can_be_switched_off() -> None:
    """By the other request, by the program's variable or by Cobra's."""
    assert ask("sho", asked="__completeNoDesc").stdout == "shop\nshow\n:4\n"
    assert ask("sho", variables={"TOOL_COMPLETION_DESCRIPTIONS": "false"}).stdout == "shop\nshow\n:4\n"
    assert ask("sho", variables={"COBRA_COMPLETION_DESCRIPTIONS": "0"}).stdout == "shop\nshow\n:4\n"
    assert ask("show", "alpha", "", variables={"TOOL_ACTIVE_HELP": "0"}).stdout == ":4\n"


def test_what_cannot_be_understood_is_told_and_offers_nothing() -> None:
    """The shell is left to its default then."""
    outcome = ask("nope", "")
    assert outcome.stdout == ":0\n"
    assert outcome.stderr == (
        "[Debug] [Error] unable to find a command for arguments: [nope]\n"
        "Completion ended with directive: ShellCompDirectiveDefault\n"
    )
    assert ask("show", "--nope", "").stderr.startswith(
        "[Debug] [Error] Error while parsing flags from args [--nope]: unknown flag: --nope\n"
    )


def test_a_request_without_a_word_is_refused() -> None:
    """There is nothing to complete."""
    assert ask().stderr == "requires at least 1 arg(s), only received 0\n"


def test_a_directive_is_named_bit_by_bit() -> None:
    """The names help those who write completers."""
    assert directive_names(0) == "ShellCompDirectiveDefault"
    assert directive_names(6) == "ShellCompDirectiveNoSpace, ShellCompDirectiveNoFileComp"
    assert directive_names(64) == "ERROR: unexpected ShellCompDirective value: 64"
