"""``helm registry``."""

from __future__ import annotations

from pilothouse.cli.offers import nothing
from pilothouse.cli.options import plain_http_option, tls_options
from pilothouse.commandline.command import Command, at_least
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Logs in to registries and out of them.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command("registry", long=_LONG, children=[_login(session), _logout(session)])


def _login(session: Session) -> Command:
    return Command(
        "login [host]",
        "login to a registry",
        long="""
Logs in to a registry and keeps the credentials:

    $ echo "$TOKEN" | helm registry login registry.example.com -u me --password-stdin
""",
        options=[
            Option("username", "registry username", shorthand="u"),
            Option("password", "registry password or identity token", shorthand="p"),
            Option("password-stdin", "read password or identity token from stdin", BOOL),
            Option("insecure", "allow connections to TLS registry without certs", BOOL),
            *(option for option in tls_options(client="registry") if option.name != "insecure-skip-tls-verify"),
            plain_http_option("chart upload", hidden=session.generation == 3),
        ],
        validate=at_least(1),
        complete=nothing,
        run=session.runs(_run_login),
    )


def _logout(session: Session) -> Command:
    return Command(
        "logout [host]",
        "logout from a registry",
        long="\nForgets the credentials kept for a registry.\n",
        validate=at_least(1),
        complete=nothing,
        run=session.runs(_run_logout),
    )


def _run_login(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.registry import ask, login
    from pilothouse.cli.prompts import read_line, read_secret
    from pilothouse.cli.registry_access import registry_options

    options = registry_options(session, invocation)
    if invocation.flag("password-stdin"):
        text = session.read_input().decode("utf-8", "surrogateescape")
        options = options.replace(password=text.removesuffix("\n").removesuffix("\r"))
    elif options.password:
        if session.generation == 3:
            session.streams.warn("WARNING: Using --password via the CLI is insecure. Use --password-stdin.")
        else:
            session.warn("using --password via the CLI is insecure. Use --password-stdin")
    else:
        username, password = ask(
            options.username,
            lambda prompt: read_line(session, prompt),
            lambda prompt: read_secret(session, prompt),
        )
        options = options.replace(username=username, password=password)
    login(session.environment, invocation.arguments[0], options, session.reporter)
    session.registry_line("Login Succeeded")


def _run_logout(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.registry import logout

    host = invocation.arguments[0]
    logout(session.environment, host, session.settings.registry_config)
    session.registry_line(f"Removing login credentials for {host}")
