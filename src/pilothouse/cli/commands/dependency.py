"""``helm dependency``."""

from __future__ import annotations

from pilothouse.cli.offers import files
from pilothouse.cli.options import column_width_option, keyring_option, login_options, plain_http_option, tls_options
from pilothouse.cli.places import places
from pilothouse.cli.progress_line import ProgressLine
from pilothouse.cli.registry_access import check_certificates
from pilothouse.commandline.command import Command, at_most
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.actions.dependency import DependencyWork
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.progress import Reporter

_LONG = """
Manages the charts that a chart needs, which live in its directory charts/ and
are declared in Chart.yaml:

    dependencies:
    - name: nginx
      version: "1.2.3"
      repository: "https://example.com/charts"
    - name: memcached
      version: ">=3.2.1"
      repository: "@another"
    - name: shared
      version: "0.1.0"
      repository: "file://../shared"

'name' is the name in the other chart's Chart.yaml, 'version' a version or a
range of versions, 'repository' the address of a repository, a name that
'helm repo add' gave it after '@' or 'alias:', or a directory after 'file://'.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    children = [_build(session), _list(session), _update(session)]
    return Command("dependency update|build|list", long=_LONG, children=children)


def _fetching(session: Session) -> list[Option]:
    old = session.generation == 3
    return [
        Option("verify", "verify the packages against signatures", BOOL),
        keyring_option(session, "keyring containing public keys"),
        Option("skip-refresh", "do not refresh the local repository cache", BOOL),
        *login_options(hidden=old),
        *tls_options(hidden=old),
        plain_http_option(hidden=old),
    ]


def _build(session: Session) -> Command:
    return Command(
        "build CHART",
        "rebuild the charts/ directory based on the Chart.lock file",
        long="\nFetches exactly what Chart.lock says into charts/; without a Chart.lock it does what 'update' does.\n",
        options=_fetching(session),
        validate=at_most(1),
        complete=files,
        run=session.runs(_run_build),
    )


def _list(session: Session) -> Command:
    return Command(
        "list CHART",
        "list the dependencies for the given chart",
        long="\nLists what a chart, a directory or an archive, declares to need; nothing is changed.\n",
        aliases=("ls",),
        options=[column_width_option(80)],
        validate=at_most(1),
        complete=files,
        run=session.runs(_run_list),
    )


def _update(session: Session) -> Command:
    return Command(
        "update CHART",
        "update charts/ based on the contents of Chart.yaml",
        long="\nFetches the newest charts that Chart.yaml allows into charts/ and writes down which in Chart.lock.\n",
        aliases=("up",),
        options=_fetching(session),
        validate=at_most(1),
        complete=files,
        run=session.runs(_run_update),
    )


def _run_update(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.dependency import update

    with ProgressLine(session) as reporter:
        update(_work(session, invocation, reporter, verify="always"))


def _run_build(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.dependency import build

    with ProgressLine(session) as reporter:
        build(_work(session, invocation, reporter, verify="if possible"))


def _chart(invocation: Invocation) -> str:
    return invocation.arguments[0] if invocation.arguments else "."


def _work(session: Session, invocation: Invocation, reporter: Reporter, *, verify: str) -> DependencyWork:
    from pilothouse.actions.dependency import Access, DependencyOptions, start
    from pilothouse.actions.package import source_date

    if session.generation != 3:
        check_certificates(session, invocation)
    options = DependencyOptions(
        chart=_chart(invocation),
        verify=verify if invocation.flag("verify") else "never",
        keyring=invocation.text("keyring"),
        skip_refresh=invocation.flag("skip-refresh"),
        access=Access(
            username=invocation.text("username"),
            password=invocation.text("password"),
            cert_file=invocation.text("cert-file"),
            key_file=invocation.text("key-file"),
            ca_file=invocation.text("ca-file"),
            insecure=invocation.flag("insecure-skip-tls-verify"),
            plain_http=invocation.flag("plain-http"),
        ),
        debug=session.settings.debug,
        source_date=source_date(session.environment),
    )
    return start(
        session.environment,
        places(session),
        options,
        tell=_teller(session),
        clock=session.clock,
        reporter=reporter,
    )


def _teller(session: Session) -> Callable[[str], None]:
    def tell(text: str) -> None:
        session.streams.out.write(text)
        session.streams.out.flush()

    return tell


def _run_list(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.dependency import list_dependencies
    from pilothouse.commandline.tables import format_table

    out = session.streams.out
    found = list_dependencies(session.environment, _chart(invocation), reporter=session.reporter)
    if found.rows is None:
        out.line(f"WARNING: no dependencies at {found.missing}")
        return
    rows = [("NAME", "VERSION", "REPOSITORY", "STATUS"), *found.rows]
    out.line(format_table(rows, maximum_width=invocation.values["max-col-width"]))
    out.line()
    for warning in found.warnings:
        out.line(warning)
