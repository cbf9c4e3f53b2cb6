"""The command that runs is the one for this system, with variables replaced as Go replaces them."""

from __future__ import annotations

import pytest

from pilothouse.plugins.commands import expanded, prepared
from pilothouse.plugins.errors import PluginInvalid
from pilothouse.plugins.manifest import PlatformCommand

HERE = ("linux", "amd64")


def entry(system: str, architecture: str, command: str) -> PlatformCommand:
    """Return an entry of a manifest."""
    return PlatformCommand(system=system, architecture=architecture, command=command)


@pytest.mark.parametrize(
    ("entries", "chosen"),
    [
        ([entry("", "", "all"), entry("linux", "", "os"), entry("Linux", "AMD64", "both")], "both"),
        ([entry("", "", "all"), entry("linux", "", "os"), entry("linux", "", "second")], "os"),
        ([entry("", "", "all"), entry("windows", "amd64", "w"), entry("linux", "arm64", "arm")], "all"),
        ([entry("", "amd64", "only-arch"), entry("", "", "all")], "all"),
    ],
)
def test_choice(entries: list[PlatformCommand], chosen: str) -> None:
    """System and processor go before the system alone, and that before entries for all."""
    assert prepared(entries, (), {}, here=HERE) == [chosen]


def test_no_choice() -> None:
    """Without an entry for this system there is nothing to run."""
    for entries in ([], [entry("windows", "", "w")], [entry("", "", "")]):
        with pytest.raises(PluginInvalid, match=r"^no plugin command is applicable$"):
            prepared(entries, (), {}, here=HERE)


def test_arguments() -> None:
    """The command is cut at blanks, arguments follow, and the user's come last and unchanged."""
    one = PlatformCommand(command="$D/x a  $E", arguments=("${E} y", "$"))
    assert prepared([one], ["$E"], {"D": "/d", "E": "e"}) == ["/d/x", "a", "", "e", "e y", "$", "$E"]
    assert prepared([one], [], {"D": "/d"}, expand=False) == ["/d/x", "a", "", "$E", "${E} y", "$"]


@pytest.mark.parametrize(
    ("text", "result"),
    [("$A", "1"), ("${A}b", "1b"), ("$AB", ""), ("$A-$A", "1-1"), ("$1x", "x"), ("a$", "a$"), ("$$", ""), ("${}", "")],
)
def test_variables(text: str, result: str) -> None:
    """Variables are replaced as Go's os.Expand does it; what is not set becomes nothing."""
    assert expanded(text, {"A": "1"}) == result
