"""``helm repo``."""

from __future__ import annotations

from pilothouse.cli.offers import NO_FILES, first_file, no_more, nothing
from pilothouse.cli.options import output_option, tls_options
from pilothouse.cli.output.printing import Fields
from pilothouse.cli.places import places
from pilothouse.cli.progress_line import ProgressLine
from pilothouse.commandline.command import Command, at_least, exactly, no_arguments
from pilothouse.commandline.options import BOOL, DURATION, Option
from pilothouse.errors import Invalid, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.commandline.options import Completer
    from pilothouse.golang.kinds import YamlValue

_LONG = """
Manages chart repositories: adds, lists, removes and updates them, and makes the
index of one.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "repo add|remove|list|index|update [ARGS]",
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
        run=session.runs(_run_add),
    )


def _run_add(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.repo import AddOptions, Entry, add

    name, url = invocation.arguments
    entry = Entry(
        name=name,
        url=url,
        username=invocation.text("username"),
        password=invocation.text("password"),
        cert_file=invocation.text("cert-file"),
        key_file=invocation.text("key-file"),
        ca_file=invocation.text("ca-file"),
        insecure=invocation.flag("insecure-skip-tls-verify"),
        pass_credentials=invocation.flag("pass-credentials"),
    )
    options = AddOptions(
        entry=entry,
        read_password=lambda: _password(session, from_input=invocation.flag("password-stdin")),
        force_update=invocation.flag("force-update"),
        allow_deprecated=invocation.flag("allow-deprecated-repos"),
        timeout=invocation.values["timeout"],
    )
    with ProgressLine(session) as reporter:
        added = add(session.environment, places(session), options, clock=session.clock, reporter=reporter)
    text = "has been added to your repositories" if added else "already exists with the same configuration, skipping"
    session.streams.out.line(f"{_quoted(name)} {text}")


def _quoted(text: str) -> str:
    from pilothouse.golang.quoting import quote

    return quote(text)


def _password(session: Session, *, from_input: bool) -> str:
    """Return the password from standard input, or ask for it on the terminal."""
    if from_input:
        text = session.read_input().decode("utf-8", "surrogateescape")
        return text.removesuffix("\n").removesuffix("\r")
    session.streams.out.write("Password: ")
    session.streams.out.flush()
    source = session.streams.input
    if source is None or not source.isatty():
        session.streams.out.line()
        raise Invalid("inappropriate ioctl for device", hints=("a password can be piped in with --password-stdin",))
    import getpass

    try:
        return getpass.getpass("")
    finally:
        session.streams.out.line()


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
        complete=first_file,
        run=session.runs(_run_index),
    )


def _run_index(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.repo import IndexOptions, index

    options = IndexOptions(
        folder=invocation.arguments[0],
        url=invocation.text("url"),
        merge=invocation.text("merge"),
        json=invocation.flag("json"),
    )
    index(session.environment, options, clock=session.clock, reporter=session.reporter)


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
        run=session.runs(_run_list),
    )


def _run_list(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.repo import repositories
    from pilothouse.cli.output.printing import show
    from pilothouse.commandline.tables import format_table

    entries = repositories(places(session), helm=session.generation)
    if not entries and invocation.text("output") in ("", "table"):
        if session.generation == 3:
            raise NotFound("no repositories to show")
        session.streams.warn("no repositories to show")
        return

    def table() -> str:
        header = [] if invocation.flag("no-headers") else [("NAME", "URL")]
        return format_table([*header, *((entry.name, entry.url) for entry in entries)]) + "\n"

    def data() -> YamlValue:
        return [Fields(name=entry.name, url=entry.url) for entry in entries]

    show(session, invocation, table=table, data=data)


def _remove(session: Session) -> Command:
    return Command(
        "remove [REPO1 [REPO2 ...]]",
        "remove one or more chart repositories",
        aliases=("rm",),
        validate=at_least(1),
        complete=_names(session),
        run=session.runs(_run_remove),
    )


def _run_remove(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.repo import remove

    remove(
        session.environment,
        places(session),
        invocation.arguments,
        clock=session.clock,
        on_removed=lambda name: session.streams.out.line(f"{_quoted(name)} has been removed from your repositories"),
    )


def _names(session: Session) -> Completer:
    """Return a completer of the names of repositories that are not given yet."""

    def complete(invocation: Invocation, _typed: str) -> tuple[list[str], int]:
        from pilothouse.actions.repo import repositories

        session.settle(invocation)
        entries = repositories(places(session), helm=session.generation)
        free = [entry for entry in entries if entry.name not in invocation.arguments]
        return [f"{entry.name}\t{entry.url}" for entry in free], NO_FILES

    return complete


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
        complete=_names(session),
        run=session.runs(_run_update),
    )


def _run_update(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.repo import to_update, update, update_failure

    out = session.streams.out
    entries = to_update(session.environment, places(session), invocation.arguments)

    def tell(line: str) -> None:
        out.line(line)
        out.flush()

    tell("Hang tight while we grab the latest from your chart repositories...")
    timeout: float = invocation.values["timeout"]
    with ProgressLine(session) as reporter:
        failed = update(session.environment, places(session), entries, tell=tell, timeout=timeout, reporter=reporter)
    if failed and (session.generation != 3 or invocation.flag("fail-on-repo-update-fail")):
        raise update_failure(failed, helm=session.generation)
    tell("Update Complete. \N{HELM SYMBOL}Happy Helming!\N{HELM SYMBOL}")
