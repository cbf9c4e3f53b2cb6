"""``helm version``."""

from __future__ import annotations

from pilothouse.cli.offers import no_more
from pilothouse.commandline.command import Command, no_arguments
from pilothouse.commandline.options import BOOL, Option
from pilothouse.version import HELM3_VERSION, HELM_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

#: Fields of ``version.BuildInfo`` of the programs that are followed, by generation; scripts read them.
BUILDS = {
    4: {
        "Version": HELM_VERSION,
        "GitCommit": "c0d08d0d6d9424d4a14febb5e8a3e51b0dd00dff",
        "GitTreeState": "clean",
        "GoVersion": "go1.27.2",
        "KubeClientVersion": "v1.37",
    },
    3: {
        "Version": HELM3_VERSION,
        "GitCommit": "7877b45b63f95635153b29a42c0c2f4273ec45ca",
        "GitTreeState": "clean",
        "GoVersion": "go1.22.7",
    },
}
_LONG = """
Prints the version of Helm that this program follows, in the form in which Helm prints its own:

version.BuildInfo{Version:"v4.3.1", GitCommit:"c0d08d0…", GitTreeState:"clean", GoVersion:"go1.27.2", …}

--short prints the version alone. --template takes a Go template, to which these fields are known:

- .Version is the version of Helm
- .GitCommit is the commit it was made from
- .GitTreeState is "clean" when nothing was changed after the commit
- .GoVersion is the version of Go

--template='Version: {{.Version}}' prints 'Version: v4.3.1', for example.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "version",
        long=_LONG,
        options=[
            Option("short", "print the version number", BOOL),
            Option("template", "template for version string format"),
            Option("client", "for backwards compatibility", BOOL, shorthand="c", hidden=True),
        ],
        validate=no_arguments,
        complete=no_more,
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Print the version."""
    build = BUILDS[session.generation]
    out = session.streams.out
    template = invocation.text("template")
    if template:
        from pilothouse.actions.go_templates import render_version

        out.write(render_version(template, build))
    elif invocation.flag("short"):
        out.line(f"{build['Version']}+g{build['GitCommit'][:7]}")
    else:
        fields = ", ".join(f'{name}:"{value}"' for name, value in build.items())
        out.line(f"version.BuildInfo{{{fields}}}")
