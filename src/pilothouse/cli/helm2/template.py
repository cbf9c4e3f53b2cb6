"""``helm template``."""

from __future__ import annotations

from pilothouse.cli.helm2.install import NAME_TEMPLATE, NAMESPACE
from pilothouse.cli.helm2.options import text_option, value_options
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, TEXT_ARRAY, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.hapi.messages import Message

_LONG = """
Renders a chart's templates here and prints what they make, without asking a
Tiller or a cluster: values that would be looked up there are made up, and
whether the cluster knows the objects' kinds is not checked.

	$ helm template mychart -x templates/deployment.yaml
"""


def declare(session: Session) -> Command:
    """Return the command."""
    kube_version = "Kubernetes version used as Capabilities.KubeVersion.Major/Minor"
    return Command(
        "template [flags] CHART",
        long=_LONG,
        options=[
            text_option("name", "Release name", shorthand="n", default="release-name"),
            Option("execute", "Only execute the given templates", TEXT_ARRAY, shorthand="x"),
            Option("notes", "Show the computed NOTES.txt file as well", BOOL),
            Option("is-upgrade", "Set .Release.IsUpgrade instead of .Release.IsInstall", BOOL),
            *value_options(urls=False),
            text_option("namespace", NAMESPACE),
            text_option("name-template", NAME_TEMPLATE),
            text_option("kube-version", kube_version, default="1.14"),
            Option(
                "api-versions", "Kubernetes api versions used for Capabilities.APIVersions", TEXT_ARRAY, shorthand="a"
            ),
            text_option("output-dir", "Writes the executed templates to files in output-dir instead of stdout"),
        ],
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Render the chart."""
    if not invocation.arguments:
        raise UsageError("chart is required")
    from pilothouse.actions.tiller_template import TemplateOptions, template
    from pilothouse.cli.chart_argument import user_values

    values = user_values(session, invocation)
    options = TemplateOptions(
        chart=invocation.arguments[0],
        name=_name(session, invocation),
        namespace=invocation.text("namespace") or session.namespace(),
        values=values,
        files=invocation.texts("execute"),
        notes=invocation.flag("notes"),
        is_upgrade=invocation.flag("is-upgrade"),
        kube_version=invocation.text("kube-version"),
        api_versions=invocation.texts("api-versions"),
        output_folder=invocation.text("output-dir"),
    )
    out = session.streams.out

    def show_release(release: Message) -> None:
        from pilothouse.cli.helm2.release_view import release_text

        out.write(release_text(session, release))

    template(
        session.environment,
        options,
        clock=session.clock,
        tell=out.write,
        on_release=show_release if session.settings.debug else None,
        reporter=session.reporter,
    )


def _name(session: Session, invocation: Invocation) -> str:
    from pilothouse.cli.helm2.chart_argument import check_name

    name, pattern = invocation.text("name"), invocation.text("name-template")
    if pattern:
        from pilothouse.actions.go_templates import render_name

        name = render_name(pattern, helm=3, clock=session.clock, local_zone=session.environment.get("TZ"))
    check_name(name)
    return name
