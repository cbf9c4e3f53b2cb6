"""``helm plugin``."""

from __future__ import annotations

from pilothouse.cli.offers import first_file, no_more
from pilothouse.cli.options import keyring_option, plain_http_option, tls_options
from pilothouse.cli.plugin_commands import plugin_names, plugin_variables
from pilothouse.commandline.command import Command, exactly
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Manages plugins, which are programs that add commands to Helm.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    children = [_install(session), _list(session), _uninstall(session), _update(session)]
    if session.generation != 3:
        children += [_package(session), _verify(session)]
    return Command("plugin", long=_LONG, children=children)


def _install(session: Session) -> Command:
    old = session.generation == 3
    options = [
        Option(
            "version",
            "specify a version constraint. If this is not specified, the latest version is installed",
        ),
        Option("verify", "verify the plugin signature before installing", BOOL, default=True),
        keyring_option(session),
        *tls_options("plugin download", client="registry"),
        plain_http_option("plugin download"),
        Option("username", "registry username"),
        Option("password", "registry password"),
    ]
    for option in options[1:]:
        option.hidden = old
    return Command(
        "install [options] <path|url>",
        "install a Helm plugin",
        long="""
Installs a plugin from a directory, an archive, a URL or a version control
system. Archives must be signed, unless --verify=false is given.
""",
        aliases=("add",),
        options=options,
        validate=exactly(1),
        complete=first_file,
        run=session.runs(_run_install),
    )


def _list(session: Session) -> Command:
    return Command(
        "list",
        "list installed Helm plugins",
        aliases=("ls",),
        options=[Option("type", "Plugin type", hidden=session.generation == 3)],
        complete=no_more,
        run=session.runs(_run_list),
    )


def _named(verb: str) -> Callable[[Invocation], None]:
    def check(invocation: Invocation) -> None:
        if not invocation.arguments:
            raise UsageError(f"please provide plugin name to {verb}")

    return check


def _uninstall(session: Session) -> Command:
    return Command(
        "uninstall <plugin>...",
        "uninstall one or more Helm plugins",
        aliases=("rm", "remove"),
        validate=_named("uninstall"),
        complete=plugin_names(session),
        run=session.runs(_run_uninstall),
    )


def _update(session: Session) -> Command:
    return Command(
        "update <plugin>...",
        "update one or more Helm plugins",
        aliases=("up",),
        validate=_named("update"),
        complete=plugin_names(session),
        run=session.runs(_run_update),
    )


def _package(session: Session) -> Command:
    return Command(
        "package [PATH]",
        "package a plugin directory into a plugin archive",
        long="\nPacks the directory of a plugin into an archive and signs it, unless --sign=false is given.\n",
        options=[
            Option("sign", "use a PGP private key to sign this plugin", BOOL, default=True),
            Option("key", "name of the key to use when signing. Used if --sign is true"),
            keyring_option(session, "location of a public keyring"),
            Option(
                "passphrase-file",
                'location of a file which contains the passphrase for the signing key. Use "-" to read from stdin.',
            ),
            Option("destination", "location to write the plugin tarball.", default=".", shorthand="d"),
        ],
        validate=exactly(1),
        run=session.runs(_run_package),
    )


def _verify(session: Session) -> Command:
    return Command(
        "verify [PATH]",
        "verify that a plugin at the given path has been signed and is valid",
        long="\nChecks that a plugin's archive has a provenance file that fits it and is signed with a known key.\n",
        options=[keyring_option(session, "keyring containing public keys")],
        validate=exactly(1),
        run=session.runs(_run_verify),
    )


def _run_install(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.plugin_install import InstallOptions, install_plugin
    from pilothouse.cli.registry_access import registry_options

    install_plugin(
        session.environment,
        InstallOptions(
            source=invocation.arguments[0],
            version=invocation.text("version"),
            verify=invocation.flag("verify"),
            keyring=invocation.text("keyring"),
            registry=registry_options(session, invocation),
        ),
        plugin_variables(session),
        tell=_teller(session),
        reporter=session.reporter,
        clock=session.clock,
    )


def _teller(session: Session) -> Callable[[str], None]:
    """Return what prints a line at once, so that it stands before what a plugin's program prints."""

    def tell(line: str) -> None:
        session.streams.out.line(line)
        session.streams.out.flush()

    return tell


def _run_list(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.plugin import list_plugins
    from pilothouse.cli.settings import plugins_directory
    from pilothouse.commandline.tables import format_table

    session.reporter.debug("pluginDirs", directory=plugins_directory(session.environment))
    found = list_plugins(session.environment, session.reporter, kind=invocation.text("type"))
    if session.generation == 3:
        rows = [("NAME", "VERSION", "DESCRIPTION")]
        rows += [(each.plugin.name, each.plugin.manifest.version, each.plugin.manifest.long) for each in found]
        session.streams.out.line(format_table(rows))
        return
    table: list[tuple[str, ...]] = [("NAME", "VERSION", "TYPE", "APIVERSION", "PROVENANCE", "SOURCE")]
    for each in found:
        manifest = each.plugin.manifest
        source = manifest.source_url or "unknown"
        table.append((manifest.name, manifest.version, manifest.kind, manifest.api_version, each.provenance, source))
    session.streams.out.line(format_table(table))


def _run_uninstall(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.plugin import uninstall_plugins

    uninstall_plugins(
        session.environment,
        tuple(invocation.arguments),
        plugin_variables(session),
        tell=_teller(session),
        reporter=session.reporter,
    )


def _run_update(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.plugin import update_plugins

    update_plugins(
        session.environment,
        tuple(invocation.arguments),
        plugin_variables(session),
        tell=_teller(session),
        reporter=session.reporter,
    )


def _run_package(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.plugin import PackOptions, pack_plugin
    from pilothouse.cli.signing import passphrases, signing_options

    options = signing_options(invocation) if invocation.flag("sign") else None
    pack_plugin(
        session.environment,
        PackOptions(path=invocation.arguments[0], destination=invocation.text("destination"), signing=options),
        passphrases(session, options) if options else None,
        tell=session.streams.out.line,
    )


def _run_verify(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.plugin import verify_plugin

    path, keyring = invocation.arguments[0], invocation.text("keyring")
    found = verify_plugin(session.environment, path, keyring, clock=session.clock)
    session.streams.out.write(found.lines("Plugin"))
