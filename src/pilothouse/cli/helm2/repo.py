"""``helm repo``: the repositories of HELM_HOME."""

from __future__ import annotations

from pilothouse.cli.helm2.arguments import exact_arguments
from pilothouse.cli.helm2.options import certificate_options, output_option
from pilothouse.cli.places import places
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Manages chart repositories: adds, lists, removes and updates them, and makes the
index of one.

    $ helm repo add NAME URL
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "repo",
        long=_LONG,
        children=[_add(session), _index(session), _list(session), _remove(session), update_command(session)],
    )


def _add(session: Session) -> Command:
    return Command(
        "add [flags] [NAME] [URL]",
        "Add a chart repository",
        options=[
            *certificate_options(),
            Option("no-update", "Raise error if repo is already registered", BOOL),
            Option("username", "Chart repository username"),
            Option("password", "Chart repository password"),
        ],
        run=session.runs(_run_add),
    )


def _run_add(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.helm2_repositories import Entry, add

    name, url = exact_arguments(invocation, "name for the chart repository", "the url of the chart repository")
    username, password = invocation.text("username"), invocation.text("password")
    if username and not password:
        password = _password(session)
    entry = Entry(
        name=name,
        url=url,
        username=username,
        password=password,
        cert_file=invocation.text("cert-file"),
        key_file=invocation.text("key-file"),
        ca_file=invocation.text("ca-file"),
    )
    replace = not invocation.flag("no-update")
    add(session.environment, places(session), entry, clock=session.clock, replace=replace)
    session.streams.out.line(f'"{name}" has been added to your repositories')


def _password(session: Session) -> str:
    """Return the password that is typed at the terminal."""
    from pilothouse.errors import Invalid

    source = session.streams.input
    session.streams.out.write("Password:")
    session.streams.out.flush()
    if source is None or not source.isatty():
        raise Invalid("inappropriate ioctl for device")
    import getpass

    try:
        return getpass.getpass("")
    finally:
        session.streams.out.line()


def _index(session: Session) -> Command:
    return Command(
        "index [flags] [DIR]",
        "Generate an index file given a directory containing packaged charts",
        long="""
Reads the archives in a directory and writes an 'index.yaml' beside them.

'--url' sets where the charts will be found. '--merge' takes the entries of
another index along; charts in the directory win over them.
""",
        options=[
            Option("merge", "Merge the generated index into the given index"),
            Option("url", "URL of the chart repository"),
        ],
        run=session.runs(_run_index),
    )


def _run_index(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.repo import IndexOptions, index

    (folder,) = exact_arguments(invocation, "path to a directory")
    options = IndexOptions(folder=folder, url=invocation.text("url"), merge=invocation.text("merge"))
    index(session.environment, options, clock=session.clock, reporter=session.reporter)


def _list(session: Session) -> Command:
    return Command(
        "list [flags]",
        "List chart repositories",
        aliases=("ls",),
        options=[output_option()],
        run=session.runs(_run_list),
    )


def _run_list(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.helm2_repositories import repositories
    from pilothouse.cli.helm2.printing import write
    from pilothouse.cli.output.printing import Fields
    from pilothouse.commandline.tables import format_table

    entries = repositories(places(session)).entries

    def table() -> str:
        return format_table([("NAME", "URL"), *((entry.name, entry.url) for entry in entries)]) + "\n"

    def data() -> list[Fields] | None:
        return [Fields(Name=entry.name, URL=entry.url) for entry in entries] or None

    write(session, invocation.text("output"), table=table, data=data)


def _remove(session: Session) -> Command:
    return Command("remove [flags] [NAME]", "Remove a chart repository", aliases=("rm",), run=session.runs(_run_remove))


def _run_remove(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.helm2_repositories import remove

    if not invocation.arguments:
        raise UsageError("need at least one argument, name of chart repository")
    tell = session.streams.out.line
    remove(session.environment, places(session), invocation.arguments, clock=session.clock, tell=tell)


def update_command(session: Session, *, deprecated: str = "") -> Command:
    """Return ``update``, which is a command of the root as well."""
    return Command(
        "update [REPO_NAME] [flags]",
        "Update information of available charts locally from chart repositories",
        long="""
Fetches the indexes of the repositories again, of all or of the one named.
Commands such as 'helm search' read the copies that are kept here.
""",
        aliases=("up",),
        options=[Option("strict", "Fail on update warnings", BOOL)],
        deprecated=deprecated,
        run=session.runs(_run_update),
    )


def _run_update(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.helm2_repositories import update

    out = session.streams.out

    def tell(line: str) -> None:
        out.line(line)
        out.flush()

    name = next(iter(invocation.arguments), "")
    update(session.environment, places(session), name, strict=invocation.flag("strict"), tell=tell)
