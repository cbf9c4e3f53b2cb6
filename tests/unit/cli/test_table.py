"""The table of commands."""

from __future__ import annotations

from io import BytesIO

import pytest

from pilothouse.cli.commands.table import HELM2_ROWS, ROWS, root_command
from pilothouse.cli.session import Session
from pilothouse.commandline.command import Command
from pilothouse.commandline.terminal import Streams, TextOutput
from pilothouse.environment import Environment


def session(**variables: str) -> Session:
    """Return a session that prints nowhere."""
    streams = Streams(TextOutput(BytesIO()), TextOutput(BytesIO()))
    return Session(Environment(variables={"HOME": "/home/user", **variables}, arguments=("helm",)), streams)


def every_command(command: Command) -> list[Command]:
    """Return a command and all below it, whole."""
    found = [command]
    for child in list(command.children):
        found += every_command(child.loaded())
    return found


@pytest.mark.parametrize("generation", ["", "3"])
def test_every_row_has_a_module_that_makes_the_command(generation: str) -> None:
    """A command has the name and the short text of its row, and says what it does."""
    root = root_command(session(HELM_COMPAT=generation))
    for name, short, aliases, _module in ROWS:
        command = next(child for child in root.children if child.name == name).loaded()
        assert (command.name, command.aliases) == (name, aliases)
        assert command.short in (short, "print the client version information")
        assert command.long.startswith("\n")
        assert command.long.endswith("\n")


def test_every_row_of_helm_2_has_a_module_that_makes_the_command() -> None:
    """A command has the name, the texts and the names of later Helms that its row gives it."""
    root = root_command(session(HELM_COMPAT="2"))
    for name, short, aliases, habits, _module in HELM2_ROWS:
        command = next(child for child in root.children if child.name == name).loaded()
        assert (command.name, command.short) == (name, short)
        assert (command.aliases, command.habits) == (aliases, habits)
        assert command.long.startswith("\n")
        assert command.long.endswith("\n")


def test_rows_are_sorted_and_names_are_unique() -> None:
    """No two commands share a name or an alias."""
    names = [row[0] for row in ROWS]
    assert names == sorted(names)
    every = names + [alias for row in ROWS for alias in row[2]]
    assert len(every) == len(set(every))


@pytest.mark.parametrize("generation", ["", "3", "2"])
def test_no_command_has_two_flags_of_one_name(generation: str) -> None:
    """Long names and letters are unique within a command, and exclusive groups name flags that exist."""
    for command in every_command(root_command(session(HELM_COMPAT=generation))):
        names = [option.name for option in command.flags()]
        letters = [option.shorthand for option in command.flags() if option.shorthand]
        assert len(names) == len(set(names)), command.path
        assert len(letters) == len(set(letters)), command.path
        assert all(name in names for group in command.exclusive for name in group), command.path


def test_every_command_is_documented_or_hidden() -> None:
    """A command has a short text, and every flag that help shows has one."""
    for command in every_command(root_command(session())):
        assert command.short, command.path
        assert all(option.usage for option in command.flags() if not option.hidden), command.path


@pytest.mark.parametrize("generation", ["", "3"])
def test_both_generations_accept_the_flags_of_both(generation: str) -> None:
    """What only one Helm knows is hidden in the other's help, but is understood."""
    root = root_command(session(HELM_COMPAT=generation))

    def flags(name: str) -> set[str]:
        command = root.child(name)
        assert command is not None
        return {option.name for option in command.flags()}

    assert {"atomic", "rollback-on-failure", "force", "force-replace", "server-side"} <= flags("install")
    assert {"all", "deployed"} <= flags("list")
    assert {"show-desc", "show-resources"} <= flags("status")
    assert {"recreate-pods", "description"} <= flags("rollback")
    assert "validate" in flags("template")
    assert "hide-notes" in flags("test")
