"""``helm list``."""

from __future__ import annotations

from pilothouse.cli.offers import no_more
from pilothouse.cli.options import output_option
from pilothouse.cli.output.printing import json_text, yaml_text
from pilothouse.commandline.command import Command, no_arguments
from pilothouse.commandline.options import BOOL, INT, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.releases.release import Release

_LONG = """
Lists the releases of a namespace.

Releases in every state are listed, unless flags such as '--deployed' or
'--failed' choose states; several of them add up. --filter takes a regular
expression over names:

    $ helm list --filter 'ara[a-z]+'
    NAME                UPDATED                                  CHART
    maudlin-arachnid    2020-06-18 14:17:46.125134977 +0000 UTC  alpine-0.1.0

They are sorted by name, or with -d by date. No more than 256 are listed unless
--max says otherwise (0: as many as there are); --offset begins further on.
"""
_LONG_3 = _LONG.replace(
    """Releases in every state are listed, unless flags such as '--deployed' or
'--failed' choose states; several of them add up.""",
    """Deployed and failed releases are listed, unless flags such as '--pending' or
'--all' choose other states; several of them add up.""",
)
_STATES = {
    "deployed": ("deployed",),
    "failed": ("failed",),
    "pending": ("pending-install", "pending-upgrade", "pending-rollback"),
    "superseded": ("superseded",),
    "uninstalled": ("uninstalled",),
    "uninstalling": ("uninstalling",),
}
_EVERY_STATE = tuple(state for states in _STATES.values() for state in states)


def declare(session: Session) -> Command:
    """Return the command."""
    old = session.generation == 3
    return Command(
        "list",
        long=_LONG_3 if old else _LONG,
        options=[*_selection_options(old=old), *_form_options()],
        validate=no_arguments,
        complete=no_more,
        run=session.runs(run),
    )


def _selection_options(*, old: bool) -> list[Option]:
    deployed = "show deployed releases"
    return [
        Option("all", "show all releases without any filter applied", BOOL, shorthand="a", hidden=not old),
        Option("all-namespaces", "list releases across all namespaces", BOOL, shorthand="A"),
        Option("uninstalled", "show uninstalled releases (if 'helm uninstall --keep-history' was used)", BOOL),
        Option("superseded", "show superseded releases", BOOL),
        Option("uninstalling", "show releases that are currently being uninstalled", BOOL),
        Option(
            "deployed",
            f"{deployed}. If no other is specified, this will be automatically enabled" if old else deployed,
            BOOL,
        ),
        Option("failed", "show failed releases", BOOL),
        Option("pending", "show pending releases", BOOL),
        Option("max", "maximum number of releases to fetch", INT, default=256, shorthand="m"),
        Option("offset", "next release index in the list, used to offset from start value", INT),
        Option(
            "filter",
            "a regular expression (Perl compatible). Any releases that match the expression will be included in the "
            "results",
            shorthand="f",
        ),
        Option(
            "selector",
            "Selector (label query) to filter on, supports '=', '==', and '!='.(e.g. -l key1=value1,key2=value2). "
            "Works only for secret(default) and configmap storage backends.",
            shorthand="l",
        ),
    ]


def _form_options() -> list[Option]:
    return [
        Option("short", "output short (quiet) listing format", BOOL, shorthand="q"),
        Option("no-headers", "don't print headers when using the default output format", BOOL),
        Option(
            "time-format",
            'format time using golang time formatter. Example: --time-format "2006-01-02 15:04:05Z0700"',
        ),
        Option("date", "sort by release date", BOOL, shorthand="d"),
        Option("reverse", "reverse the sort order", BOOL, shorthand="r"),
        output_option(),
    ]


def run(session: Session, invocation: Invocation) -> None:
    """List the releases."""
    from pilothouse.actions.listing import ListOptions, list_releases
    from pilothouse.cli.output.listing import ReleaseListView
    from pilothouse.cli.output.printing import show

    states = tuple(state for flag, chosen in _STATES.items() if invocation.flag(flag) for state in chosen)
    everywhere = invocation.flag("all-namespaces")
    releases = list_releases(
        session.context(),
        ListOptions(
            all_namespaces=everywhere,
            states=_EVERY_STATE if invocation.flag("all") else states,
            filter=invocation.text("filter"),
            selector=invocation.text("selector"),
            by_date=invocation.flag("date"),
            reverse=invocation.flag("reverse"),
            offset=invocation.integer("offset"),
            maximum=invocation.integer("max"),
        ),
    )
    if invocation.flag("short"):
        _print_names(session, invocation, releases)
        return
    view = ReleaseListView(
        releases=tuple(releases),
        time_format=invocation.text("time-format"),
        headers=not invocation.flag("no-headers"),
        colour=session.colour,
    )
    show(session, invocation, table=view.table, data=view.data)


def _print_names(session: Session, invocation: Invocation, releases: list[Release]) -> None:
    names = [release.name for release in releases]
    chosen = invocation.text("output")
    if chosen == "json":
        session.streams.out.write(json_text(names))
    elif chosen == "yaml":
        session.streams.out.write(yaml_text(names))
    else:
        session.streams.out.write("".join(f"{name}\n" for name in names))
