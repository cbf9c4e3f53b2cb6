"""``helm install``."""

from __future__ import annotations

from pilothouse.cli.helm2.chart_argument import check_name, final_name, located_for_install
from pilothouse.cli.helm2.connection import tiller
from pilothouse.cli.helm2.options import (
    LOCATE,
    chart_path_options,
    output_option,
    text_option,
    timeout_option,
    tls_options,
    value_options,
    wait_option,
)
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, Option
from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.tiller_connection import TillerClient
    from pilothouse.charts.model import Chart
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.hapi.messages import Message

_LONG = """
Sends a chart to Tiller, which puts its objects into the cluster, as a release.
The release is named with '--name'; without it, Tiller makes a name up.

The chart can be given as

1. a name in a repository:          helm install stable/mariadb
2. an archive:                      helm install ./nginx-1.2.3.tgz
3. a directory:                     helm install ./nginx
4. a URL:                           helm install https://example.com/charts/nginx-1.2.3.tgz
5. a name in a repository's URL:    helm install --repo https://example.com/charts/ nginx

Values of the chart are changed with files of YAML and with flags; where they
disagree, the one further right wins:

	$ helm install -f myvalues.yaml -f override.yaml ./redis
	$ helm install --set name=prod ./redis
	$ helm install --set-string long_int=1234567890 ./redis
	$ helm install --set-file multiline_text=path/to/textfile ./redis

To see the objects without installing them, use '--debug --dry-run'; Tiller
renders them all the same.

With '--verify' the chart must have a provenance file that fits it.
"""
_VERSION = "Specify the exact chart version to install. If this is not specified, the latest version is installed"
NAMESPACE = "Namespace to install the release into"
NAME_TEMPLATE = "Specify template used to name the release"


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "install [CHART]",
        long=_LONG,
        options=[
            *value_options(),
            text_option("name", "The release name. If unspecified, it will autogenerate one for you", shorthand="n"),
            text_option("namespace", f"{NAMESPACE}. Defaults to the current kube config namespace."),
            Option("dry-run", "Simulate an install", BOOL),
            Option("no-hooks", "Prevent hooks from running during install", BOOL),
            Option("no-crd-hook", "Prevent CRD hooks from running, but run other hooks", BOOL),
            Option(
                "replace",
                "Re-use the given name, even if that name is already used. This is unsafe in production",
                BOOL,
            ),
            text_option("name-template", NAME_TEMPLATE),
            timeout_option(),
            wait_option(),
            Option("atomic", "If set, installation process purges chart on fail, also sets --wait flag", BOOL),
            Option("dep-up", "Run helm dependency update before installing the chart", BOOL),
            Option("render-subchart-notes", "Render subchart notes along with the parent", BOOL),
            text_option("description", "Specify a description for the release"),
            output_option(),
            *chart_path_options(
                session,
                verify="Verify the package before installing it",
                keyring="Location of public keys used for verification",
                version=_VERSION,
                logins=LOCATE,
            ),
            *tls_options(session),
        ],
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Install the chart that the arguments name."""
    with tiller(session, invocation) as client:
        name, reference = _name_and_chart(invocation)
        path = located_for_install(session, invocation, reference)
        install(session, invocation, client, path, name)


def _name_and_chart(invocation: Invocation) -> tuple[str, str]:
    """Return the name that stands before the chart, as later Helms have it, and the chart."""
    arguments = invocation.arguments
    if len(arguments) == 2 and not (invocation.text("name") or invocation.text("name-template")):
        return arguments[0], arguments[1]
    if len(arguments) != 1:
        raise UsageError("This command needs 1 argument: chart name")
    return "", arguments[0]


def install(
    session: Session,
    invocation: Invocation,
    client: TillerClient,
    path: str,
    name: str = "",
    *,
    upgrading: bool = False,
) -> None:
    """Install the chart at a path and tell about the release (``installCmd.run``).

    Args:
        session: The run.
        invocation: The flags.
        client: Tiller.
        path: Where the chart is.
        name: Name of the release, empty for the one that the flags give.
        upgrading: Whether it is ``upgrade --install``, which hands on only some of its flags.
    """
    from pilothouse.actions import tiller_chart
    from pilothouse.cli.chart_argument import user_values

    namespace = invocation.text("namespace") or session.namespace()
    values = user_values(session, invocation)
    if name:
        check_name(name)
    else:
        name = final_name(session, invocation)
    chart = _complete_chart(session, invocation, path)
    chart = tiller_chart.processed(chart, values, reporter=session.reporter)
    try:
        answer = client.call(
            "InstallRelease",
            chart=tiller_chart.chart_to_send(chart),
            values=tiller_chart.values_to_send(values),
            name=name,
            namespace=namespace,
            dry_run=invocation.flag("dry-run"),
            disable_hooks=invocation.flag("no-hooks"),
            disable_crd_hook=invocation.flag("no-crd-hook"),
            reuse_name=invocation.flag("replace"),
            timeout=invocation.integer("timeout"),
            wait=invocation.flag("wait") or invocation.flag("atomic"),
            description=invocation.text("description"),
            subNotes=invocation.flag("render-subchart-notes") and not upgrading,
        )
    except PilothouseError as error:
        if invocation.flag("atomic"):
            _purge(session, invocation, client, name, error)
        raise
    if answer.HasField("release"):
        _tell(session, invocation, client, answer.release)


def _complete_chart(session: Session, invocation: Invocation, path: str) -> Chart:
    """Return the chart at a path, the charts that it requires fetched first where ``--dep-up`` says so."""
    from pilothouse.actions.tiller_chart import check_requirements, missing_requirements
    from pilothouse.charts import helm2

    chart = helm2.load(path, reporter=session.reporter)
    if chart.metadata.deprecated:
        session.streams.warn("WARNING: This chart is deprecated")
    if missing_requirements(chart) and invocation.flag("dep-up"):
        from pilothouse.cli.chart_argument import update_dependencies

        update_dependencies(session, path, always=True)
        return helm2.load(path, reporter=session.reporter)
    check_requirements(chart)
    return chart


def _purge(session: Session, invocation: Invocation, client: TillerClient, name: str, error: PilothouseError) -> None:
    from pilothouse.cli.helm2.delete import delete

    out = session.streams.out
    out.line(f"INSTALL FAILED\nPURGING CHART\nError: {error.message}")
    out.flush()
    delete(session, invocation, client, name, purge=True, description="")
    out.line("Successfully purged a chart!")


def _tell(session: Session, invocation: Invocation, client: TillerClient, release: Message) -> None:
    from pilothouse.cli.helm2.release_view import release_text
    from pilothouse.cli.helm2.status import show_status

    out = session.streams.out
    if invocation.text("output") == "table":
        out.line(f"NAME:   {release.name}")
        if session.settings.debug:
            out.write(release_text(session, release))
    if invocation.flag("dry-run"):
        if release.info.Description != "Dry run complete":
            out.line(f"WARNING: {release.info.Description}")
        return
    show_status(session, invocation, client, release.name)
