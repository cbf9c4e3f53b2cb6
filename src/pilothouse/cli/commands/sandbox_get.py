"""``helm sandbox get``: a look at the embedded cluster for machines without kubectl."""

from __future__ import annotations

from pilothouse.cli.options import output_option
from pilothouse.commandline.command import Command, at_least
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.objects import ObjectQuery
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.golang.kinds import YamlValue

_LONG = """
Shows objects of the embedded cluster as kubectl would, for a first look
without kubectl:

    $ helm sandbox get pods
    $ helm sandbox get deployment web -o yaml
    $ helm sandbox get services --all-namespaces
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "get RESOURCE [NAME...]",
        "show objects of the embedded cluster",
        long=_LONG,
        options=[
            Option("all-namespaces", "look in all namespaces", BOOL, shorthand="A"),
            Option("selector", "show only objects whose labels this selector fits", shorthand="l"),
            output_option(),
        ],
        validate=at_least(1),
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Show the objects."""
    from pilothouse.actions.objects import ObjectQuery, read_objects
    from pilothouse.cli.output.printing import show

    session.settings = session.settings.replace(sandbox=True)
    context = session.context()
    query = ObjectQuery(
        resource=invocation.arguments[0],
        names=tuple(invocation.arguments[1:]),
        all_namespaces=invocation.flag("all-namespaces"),
        selector=invocation.text("selector"),
    )

    def data() -> YamlValue:
        found = read_objects(context, query)
        if len(query.names) == 1:
            return found[0]
        return {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": found}

    show(session, invocation, table=lambda: _table(session, query), data=data)


def _table(session: Session, query: ObjectQuery) -> str:
    from pilothouse.actions.objects import read_tables
    from pilothouse.cli.output.kubectl_tables import TablePrinter

    context = session.context()
    printer = TablePrinter()
    text = "".join(printer.format(table) for table in read_tables(context, query))
    if text:
        return text
    where = "" if query.all_namespaces else f" in {context.namespace} namespace"
    session.streams.warn(f"No resources found{where}.\n")
    return ""
