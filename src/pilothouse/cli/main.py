"""A call of ``helm``: builds the tree of commands, runs one of them and maps errors to exit codes."""

from __future__ import annotations

import os

from pilothouse.cli.commands.table import root_command
from pilothouse.cli.dialect import in_dialect
from pilothouse.cli.session import Session
from pilothouse.commandline.dispatch import dispatch, lenient_values
from pilothouse.commandline.parser import without_flags
from pilothouse.commandline.terminal import Streams
from pilothouse.environment import Environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.commandline.command import Command
    from pilothouse.commandline.parser import FlagParser

_COLOURS = ("never", "auto", "always")
_DRIVERS = ("", "secret", "secrets", "configmap", "configmaps", "memory", "sql")


def run(words: Sequence[str], streams: Streams, environment: Environment) -> int:
    """Run ``helm`` with ``words`` in ``environment`` and return its exit code."""
    session = Session(environment, streams)
    try:
        session = Session(in_dialect(environment, words), streams)
        try:
            _run(session, words)
        finally:
            session.clear_waiting()
        streams.out.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - here errors become text and exit codes
        from pilothouse.cli.diagnostics import BROKEN_PIPE, report_failure

        try:
            return report_failure(session, error)
        except BrokenPipeError:
            return BROKEN_PIPE
        except OSError:  # standard error is closed or full: the exit code has to do
            return 1
    return 0


def _run(session: Session, words: Sequence[str]) -> None:
    root = root_command(session)
    _add_plugins(session, root, words)
    if session.generation != 2:
        early = lenient_values(root, words)
        if session.generation == 3 and os.name != "nt":
            from pilothouse.cli.kubeconfig_warning import warn_of_readers

            warn_of_readers(session, early.values["kubeconfig"])
        _choose_colour(session, early)
    dispatch(root, words, session.streams, session.environment.variables, before=lambda: _check_driver(session))


def _choose_colour(session: Session, early: FlagParser) -> None:
    colour: str = early.values["colour" if "colour" in early.changed else "color"]
    if colour not in _COLOURS:
        from pilothouse.cli.diagnostics import InvalidColour

        raise InvalidColour(colour)
    session.colour = colour == "always" or (colour == "auto" and _colourful(session))


def _add_plugins(session: Session, root: Command, words: Sequence[str]) -> None:
    """Add the commands of plugins where the command line may mean one: it names no command that Helm has itself."""
    plain = without_flags(root, words)
    every = {name for child in root.children for name in (child.name, *child.aliases, *child.habits)}
    known = every - {"help", "completion"}
    if plain and plain[0] in known:
        return
    from pilothouse.cli.plugin_commands import add_plugins, may_have_plugins

    if may_have_plugins(session):
        add_plugins(session, root, offers=bool(plain) and plain[0] in _WITH_OFFERS)


_WITH_OFFERS = ("help", "completion", "__complete", "__completeNoDesc")


def _check_driver(session: Session) -> None:
    driver = session.environment.get("HELM_DRIVER")
    if driver not in _DRIVERS:
        from pilothouse.cli.diagnostics import UnknownDriver

        raise UnknownDriver(driver)


def _colourful(session: Session) -> bool:
    """Return whether ``auto`` means colour here, by the rules of fatih/color."""
    return session.streams.out.terminal and session.environment.get("TERM") != "dumb"
