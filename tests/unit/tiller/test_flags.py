"""The flags of tiller."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.errors import Invalid
from pilothouse.tiller.flags import HelpWanted, parse, usage

_OURS = (
    "audit-log",
    "compat-insecure",
    "impersonate",
    "insecure",
    "max-call-seconds",
    "max-concurrent-calls",
    "verify-audit-log",
)


def test_flags_are_written_with_one_dash_or_two() -> None:
    """Values stand behind an equals sign or in the next argument; booleans need none."""
    found = parse(
        ["-listen", ":1", "--storage=secret", "-tls", "--probe=false", "-history-max=5", "rest", "-tls-verify"]
    )
    assert found == {"listen": ":1", "storage": "secret", "tls": "true", "probe": "false", "history-max": "5"}


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        ("-x", "flag provided but not defined: -x"),
        ("-listen", "flag needs an argument: -listen"),
        ("-history-max=many", 'invalid value "many" for flag -history-max: parse error'),
        ("-tls=maybe", 'invalid boolean value "maybe" for -tls: parse error'),
        ("---tls", "bad flag syntax: ---tls"),
    ],
)
def test_wrong_flags_are_refused_as_go_does(argument: str, text: str) -> None:
    """The texts are those of Go's flag package."""
    with pytest.raises(Invalid) as caught:
        parse([argument])
    assert caught.value.message == text


def test_help_is_a_request() -> None:
    """Both -h and --help ask for the list of flags."""
    for argument in ("-h", "--help"):
        with pytest.raises(HelpWanted):
            parse([argument])


def test_usage_is_that_of_2_17(shared: Path) -> None:
    """The list of flags is real Tiller's with ours in it."""
    lines = usage().split("\n")
    ours = [index for index, line in enumerate(lines) if line.strip().split(" ")[0].removeprefix("-") in _OURS]
    theirs = [line for index, line in enumerate(lines) if index not in ours and index - 1 not in ours]
    assert "\n".join(theirs) == (shared / "reference/helm2/golden/help/tiller.txt").read_text()
