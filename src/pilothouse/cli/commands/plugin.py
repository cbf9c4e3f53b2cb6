"""``helm plugin``."""

from __future__ import annotations

from pilothouse.cli.later import not_yet
from pilothouse.cli.offers import files, no_more
from pilothouse.cli.options import keyring_option, plain_http_option, tls_options
from pilothouse.commandline.command import Command, exactly, no_arguments
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
        complete=files,
        run=session.runs(not_yet),
    )


def _list(session: Session) -> Command:
    return Command(
        "list",
        "list installed Helm plugins",
        aliases=("ls",),
        options=[Option("type", "Plugin type", hidden=session.generation == 3)],
        validate=no_arguments if session.generation != 3 else None,
        complete=no_more,
        run=session.runs(not_yet),
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
        run=session.runs(not_yet),
    )


def _update(session: Session) -> Command:
    return Command(
        "update <plugin>...",
        "update one or more Helm plugins",
        aliases=("up",),
        validate=_named("update"),
        run=session.runs(not_yet),
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
        run=session.runs(not_yet),
    )


def _verify(session: Session) -> Command:
    return Command(
        "verify [PATH]",
        "verify that a plugin at the given path has been signed and is valid",
        long="\nChecks that a plugin's archive has a provenance file that fits it and is signed with a known key.\n",
        options=[keyring_option(session, "keyring containing public keys")],
        validate=exactly(1),
        run=session.runs(not_yet),
    )
