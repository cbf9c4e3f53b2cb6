"""``helm convert``: releases of Tiller to Helm 3 and 4, and back."""

from __future__ import annotations

from pilothouse.cli.options import output_option
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Copies releases from the records of a Tiller (Helm 2) to those of Helm 3 and 4,
with all their revisions, or the other way round with '--to-tiller'. The objects
of the releases are not touched.

    $ helm convert --all --dry-run
    $ helm convert web
    $ helm convert --all --delete-converted

Each revision is read back and compared after it was written. What is there
already and the same is passed over, so that the command can be interrupted and
given again. Nothing is removed without '--delete-converted', and with it only
what was copied and is still the same on both sides.

A release on which an operation has not ended is not converted, unless
'--include-pending' is given. Stop using Helm 2 for a release before you use
Helm 3 or 4 for it: each side sees only its own records.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "convert [RELEASE...]",
        long=_LONG,
        options=[
            Option("all", "convert every release", BOOL),
            Option("to-tiller", "convert releases of Helm 3 and 4 to records of a Tiller", BOOL),
            Option("all-namespaces", "with --to-tiller, look for releases in all namespaces", BOOL, shorthand="A"),
            Option("dry-run", "show what would be converted, and write nothing", BOOL),
            Option("delete-converted", "remove the records that were copied, once the copy is proved", BOOL),
            Option("include-pending", "convert releases too on which an operation has not ended", BOOL),
            Option(
                "tiller-namespace",
                "namespace of Tiller",
                default=session.environment.get("TILLER_NAMESPACE") or "kube-system",
            ),
            Option("storage", "where Tiller keeps releases: configmap, secret or sql", default="configmap"),
            Option("sql-connection-string", "with --storage=sql, the database of Tiller"),
            output_option(),
        ],
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Convert releases."""
    from pilothouse.actions.convert import FAILED, ConvertOptions, convert
    from pilothouse.actions.errors import OperationFailed
    from pilothouse.cli.output.conversions import ConversionsView
    from pilothouse.cli.output.printing import show

    names = tuple(dict.fromkeys(invocation.arguments))
    if bool(names) == invocation.flag("all"):
        raise UsageError("give the names of releases, or --all", hints=("helm convert --all --dry-run shows them",))
    storage = invocation.text("storage")
    if storage not in ("configmap", "secret", "sql"):
        raise UsageError(f'unknown storage "{storage}" of Tiller: configmap, secret and sql are known')
    tiller, helm = session.assembly().conversion_sides(
        storage=storage,
        tiller_namespace=invocation.text("tiller-namespace"),
        connection=invocation.text("sql-connection-string"),
        all_namespaces=invocation.flag("all-namespaces"),
    )
    source, target = (helm, tiller) if invocation.flag("to-tiller") else (tiller, helm)
    options = ConvertOptions(
        names=names,
        dry_run=invocation.flag("dry-run"),
        delete_converted=invocation.flag("delete-converted"),
        include_pending=invocation.flag("include-pending"),
    )
    done = convert(source, target, options, session.reporter.debug)
    view = ConversionsView(conversions=tuple(done))
    show(session, invocation, table=view.table, data=view.data)
    failed = [one for one in done if one.state == FAILED]
    if failed:
        text = "; ".join(f"{one.name}: {one.problem}" for one in failed)
        raise OperationFailed(f"{len(failed)} of {len(done)} releases were not converted: {text}")
