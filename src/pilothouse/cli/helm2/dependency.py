"""``helm dependency``."""

from __future__ import annotations

from pilothouse.cli.helm2.options import keyring_option
from pilothouse.cli.places import places
from pilothouse.commandline.command import Command
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.dependency import DependencyWork
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Manages the charts that a chart needs, which live in its directory charts/ and
are declared in its file requirements.yaml:

    dependencies:
    - name: nginx
      version: "1.2.3"
      repository: "https://example.com/charts"
    - name: memcached
      version: "~3.2.1"
      repository: "@another"
    - name: shared
      version: "0.1.0"
      repository: "file://../shared"

'version' is a version or a range of versions, 'repository' the address of a
repository, a name that 'helm repo add' gave it after '@' or 'alias:', or a
directory after 'file://'.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command("dependency", long=_LONG, children=[_list(session), _update(session), _build(session)])


def _fetching(session: Session) -> list[Option]:
    return [
        Option("verify", "Verify the packages against signatures", BOOL),
        keyring_option(session, "Keyring containing public keys"),
    ]


def _list(session: Session) -> Command:
    return Command(
        "list [flags] CHART",
        "List the dependencies for the given chart",
        long="\nLists what a chart declares to need; nothing is changed.\n",
        aliases=("ls",),
        run=session.runs(_run_list),
    )


def _update(session: Session) -> Command:
    return Command(
        "update [flags] CHART",
        "Update charts/ based on the contents of requirements.yaml",
        long="""
Fetches the newest charts that requirements.yaml allows into charts/ and writes
down which in requirements.lock.
""",
        aliases=("up",),
        options=[*_fetching(session), Option("skip-refresh", "Do not refresh the local repository cache", BOOL)],
        run=session.runs(_run_update),
    )


def _build(session: Session) -> Command:
    return Command(
        "build [flags] CHART",
        "Rebuild the charts/ directory based on the requirements.lock file",
        long="""
Fetches exactly what requirements.lock says into charts/; without that file it
does what 'update' does.
""",
        options=_fetching(session),
        run=session.runs(_run_build),
    )


def _chart(invocation: Invocation) -> str:
    return invocation.arguments[0] if invocation.arguments else "."


def _full(session: Session, invocation: Invocation) -> str:
    """Return the absolute path, which ``list`` and ``update`` show and ``build`` does not."""
    import os

    return os.path.abspath(os.path.join(session.environment.working_directory, _chart(invocation)))


def _run_list(session: Session, invocation: Invocation) -> None:
    import os

    from pilothouse.actions.dependency import list_dependencies
    from pilothouse.commandline.tables import format_table

    path, out = _full(session, invocation), session.streams.out
    found = list_dependencies(session.environment, path, reporter=session.reporter)
    if found.rows is None:
        out.line(f"WARNING: no requirements at {os.path.join(path, 'charts')}")
        return
    header = ("NAME", "VERSION", "REPOSITORY", "STATUS")
    out.line(format_table([header, *found.rows], maximum_width=80))
    out.line()
    for warning in found.warnings:
        out.line(warning.replace("is not in Chart.yaml", "is not in requirements.yaml"))


def _run_update(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.dependency import update

    update(_work(session, invocation, _full(session, invocation), verify="always"))


def _run_build(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.dependency import build

    build(_work(session, invocation, _chart(invocation), verify="if possible"))


def _work(session: Session, invocation: Invocation, chart: str, *, verify: str) -> DependencyWork:
    from pilothouse.actions.dependency import DependencyOptions, start

    options = DependencyOptions(
        chart=chart,
        verify=verify if invocation.flag("verify") else "never",
        keyring=invocation.text("keyring"),
        skip_refresh=invocation.flag("skip-refresh"),
        debug=session.settings.debug,
    )
    out = session.streams.out

    def tell(text: str) -> None:
        out.write(text)
        out.flush()

    return start(
        session.environment, places(session), options, tell=tell, clock=session.clock, reporter=session.reporter
    )
