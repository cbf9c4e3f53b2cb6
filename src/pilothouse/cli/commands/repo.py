"""``helm repo``."""

from __future__ import annotations

from pilothouse.cli.later import not_yet
from pilothouse.cli.offers import no_more, nothing
from pilothouse.cli.options import output_option, tls_options
from pilothouse.commandline.command import Command, at_least, exactly, no_arguments
from pilothouse.commandline.options import BOOL, DURATION, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Manages chart repositories: adds, lists, removes and updates them, and makes the
index of one.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "repo",
        long=_LONG,
        children=[_add(session), _index(session), _list(session), _remove(session), _update(session)],
    )


def _timeout(session: Session) -> Option:
    return Option(
        "timeout",
        "time to wait for the index file download to complete",
        DURATION,
        default=120.0,
        hidden=session.generation == 3,
    )


def _add(session: Session) -> Command:
    return Command(
        "add [NAME] [URL]",
        "add a chart repository",
        options=[
            Option("username", "chart repository username"),
            Option("password", "chart repository password"),
            Option("password-stdin", "read chart repository password from stdin", BOOL),
            Option("force-update", "replace (overwrite) the repo if it already exists", BOOL),
            Option(
                "no-update",
                "Ignored. Formerly, it would disabled forced updates. It is deprecated by force-update.",
                BOOL,
                hidden=session.generation != 3,
            ),
            *tls_options("repository"),
            Option(
                "allow-deprecated-repos",
                "by default, this command will not allow adding official repos that have been permanently deleted. "
                "This disables that behavior",
                BOOL,
            ),
            Option("pass-credentials", "pass credentials to all domains", BOOL),
            _timeout(session),
        ],
        validate=exactly(2),
        complete=_complete_add,
        run=session.runs(not_yet),
    )


def _complete_add(invocation: Invocation, typed: str) -> tuple[list[str], int]:
    return no_more(invocation, typed) if len(invocation.arguments) > 1 else nothing(invocation, typed)


def _index(session: Session) -> Command:
    return Command(
        "index [DIR]",
        "generate an index file given a directory containing packaged charts",
        long="""
Reads the archives in a directory and writes an 'index.yaml' beside them.

--url sets where the charts will be found. --merge takes the entries of another
index along; charts in the directory win over them.
""",
        options=[
            Option("url", "url of chart repository"),
            Option("merge", "merge the generated index into the given index"),
            Option("json", "output in JSON format", BOOL),
        ],
        validate=exactly(1),
        run=session.runs(not_yet),
    )


def _list(session: Session) -> Command:
    return Command(
        "list",
        "list chart repositories",
        aliases=("ls",),
        options=[
            output_option(),
            Option("no-headers", "suppress headers in the output", BOOL, hidden=session.generation == 3),
        ],
        validate=no_arguments,
        complete=no_more,
        run=session.runs(not_yet),
    )


def _remove(session: Session) -> Command:
    return Command(
        "remove [REPO1 [REPO2 ...]]",
        "remove one or more chart repositories",
        aliases=("rm",),
        validate=at_least(1),
        complete=nothing,
        run=session.runs(not_yet),
    )


def _update(session: Session) -> Command:
    return Command(
        "update [REPO1 [REPO2 ...]]",
        "update information of available charts locally from chart repositories",
        long="""
Fetches the indexes of the repositories again, of all or of those named.
Commands such as 'helm search' read the copies that are kept here.
""",
        aliases=("up",),
        options=[
            Option(
                "fail-on-repo-update-fail",
                "update fails if any of the repository updates fail",
                BOOL,
                hidden=session.generation != 3,
            ),
            _timeout(session),
        ],
        complete=nothing,
        run=session.runs(not_yet),
    )
