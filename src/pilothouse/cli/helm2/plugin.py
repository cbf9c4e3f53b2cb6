"""``helm plugin``."""

from __future__ import annotations

from pilothouse.cli.helm2.options import text_option
from pilothouse.cli.plugin_commands import plugin_names, plugin_variables
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError
from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Manages plugins, which are programs that add commands to Helm.
"""
_VERSION = "Specify a version constraint. If this is not specified, the latest version is installed"


def declare(session: Session) -> Command:
    """Return the command."""
    return Command("plugin", long=_LONG, children=[_install(session), *_named(session), _list(session)])


def _install(session: Session) -> Command:
    return Command(
        "install [options] <path|url>...",
        "Install one or more Helm plugins",
        long="\nInstalls plugins from directories, archives, URLs or version control systems.\n",
        options=[text_option("version", _VERSION)],
        run=session.runs(_run_install),
    )


def _list(session: Session) -> Command:
    return Command("list", "List installed Helm plugins", run=session.runs(_run_list))


def _named(session: Session) -> list[Command]:
    return [
        Command(
            f"{verb} <plugin>...",
            f"{verb.title()} one or more Helm plugins",
            complete=plugin_names(session),
            run=session.runs(run),
        )
        for verb, run in (("remove", _run_remove), ("update", _run_update))
    ]


def _teller(session: Session) -> Callable[[str], None]:
    """Return what prints a line at once, so that it stands before what a plugin's program prints."""

    def tell(line: str) -> None:
        session.streams.out.line(line.replace("Uninstalled plugin", "Removed plugin"))
        session.streams.out.flush()

    return tell


def _run_install(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.plugin_install import InstallOptions, install_plugin
    from pilothouse.cli.registry_access import registry_options

    if not invocation.arguments:
        raise UsageError("This command needs 1 argument: plugin")
    for source in invocation.arguments:
        options = InstallOptions(
            source=source,
            version=invocation.text("version"),
            verify=False,
            registry=registry_options(session, invocation),
        )
        try:
            install_plugin(
                session.environment,
                options,
                plugin_variables(session),
                tell=_teller(session),
                reporter=session.reporter,
                clock=session.clock,
            )
        except PilothouseError as error:
            error.message = error.message.rpartition("last error was: ")[2]
            raise


def _run_list(session: Session, _invocation: Invocation) -> None:
    from pilothouse.actions.plugin import list_plugins
    from pilothouse.commandline.tables import format_table

    rows = [("NAME", "VERSION", "DESCRIPTION")]
    for each in list_plugins(session.environment, session.reporter):
        manifest = each.plugin.manifest
        rows.append((each.plugin.name, manifest.version, manifest.long))
    session.streams.out.line(format_table(rows))


def _run_remove(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.plugin import uninstall_plugins

    if not invocation.arguments:
        raise UsageError("please provide plugin name to remove")
    _for_each(session, invocation, uninstall_plugins)


def _run_update(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.plugin import update_plugins

    if not invocation.arguments:
        raise UsageError("please provide plugin name to update")
    _for_each(session, invocation, update_plugins)


def _for_each(session: Session, invocation: Invocation, do: Callable[..., None]) -> None:
    try:
        do(
            session.environment,
            tuple(invocation.arguments),
            plugin_variables(session),
            tell=_teller(session),
            reporter=session.reporter,
        )
    except PilothouseError as error:
        error.message = error.message.replace("failed to update plugin", "Failed to update plugin")
        raise
