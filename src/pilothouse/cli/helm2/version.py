"""``helm version``: the client's and Tiller's."""

from __future__ import annotations

from pilothouse.cli.helm2.connection import tiller
from pilothouse.cli.helm2.options import text_option, tls_options
from pilothouse.cli.tiller_tunnel import debug
from pilothouse.commandline.command import Command
from pilothouse.commandline.options import BOOL, Option
from pilothouse.errors import PilothouseError, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.hapi.messages import Message

#: What the released executable says of itself; scripts read it.
CLIENT = {
    "SemVer": "v2.17.0",
    "GitCommit": "a690bad98af45b015bd3da1a41f6218b1a451dbe",
    "GitTreeState": "clean",
}
_KUBERNETES = (
    *("Major", "Minor", "GitVersion", "GitCommit", "GitTreeState", "BuildDate", "GoVersion", "Compiler", "Platform"),
)
_LONG = """
Prints the version of the client and of Tiller, with the commit that each was
made from and whether its source tree was clean.

Only one of them is printed with '--client' or '--server'.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "version",
        long=_LONG,
        options=[
            Option("client", "Client version only", BOOL, shorthand="c"),
            Option("server", "Server version only", BOOL, shorthand="s"),
            Option("short", "Print the version number", BOOL),
            text_option("template", "Template for version string format"),
            *tls_options(session),
        ],
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Print the versions that are wanted."""
    both = not (invocation.flag("client") or invocation.flag("server"))
    template = invocation.text("template")
    out = session.streams.out
    found: dict[str, Mapping[str, str]] = {}
    if both or invocation.flag("client"):
        found["Client"] = CLIENT
        if not template:
            out.line(f"Client: {_shown(CLIENT, short=invocation.flag('short'))}")
            out.flush()
    if both or invocation.flag("server"):
        answer = _server(session, invocation)
        found["Server"] = {name: getattr(answer, field) for name, field in _FIELDS.items()}
        if not template:
            out.line(f"Server: {_shown(found['Server'], short=invocation.flag('short'))}")
    if template:
        from pilothouse.actions.go_templates import render_versions

        out.write(render_versions(template, found))


_FIELDS = {"SemVer": "sem_ver", "GitCommit": "git_commit", "GitTreeState": "git_tree_state"}


def _server(session: Session, invocation: Invocation) -> Message:
    with tiller(session, invocation) as client:
        if session.settings.debug:
            version = session.assembly().client().server_version()
            fields = ", ".join(f'{name}:"{version.get(name[:1].lower() + name[1:], "")}"' for name in _KUBERNETES)
            session.streams.out.line(f"Kubernetes: &version.Info{{{fields}}}")
        try:
            return client.call("GetVersion").Version
        except PilothouseError as error:
            if getattr(error, "exit_code", 1) != 1:
                raise
            if getattr(error, "status", "") == "UNIMPLEMENTED":
                raise Unreachable("server is too old to know its version") from error
            debug(session, error.message)
            raise Unreachable("cannot connect to Tiller") from error


def _shown(version: Mapping[str, str], *, short: bool) -> str:
    if short and version["GitCommit"]:
        return f"{version['SemVer']}+g{version['GitCommit'][:7]}"
    fields = ", ".join(f'{name}:"{version[name]}"' for name in _FIELDS)
    return f"&version.Version{{{fields}}}"
