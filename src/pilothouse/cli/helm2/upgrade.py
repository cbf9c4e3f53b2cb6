"""``helm upgrade``."""

from __future__ import annotations

from pilothouse.cli.helm2.arguments import exact_arguments
from pilothouse.cli.helm2.chart_argument import located
from pilothouse.cli.helm2.connection import tiller
from pilothouse.cli.helm2.install import NAMESPACE, install
from pilothouse.cli.helm2.offers import releases
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
from pilothouse.cli.helm2.rollback import FORCE, RECREATE, roll_back
from pilothouse.commandline.command import Command
from pilothouse.commandline.options import BOOL, Option
from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.tiller_connection import TillerClient
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.hapi.messages import Message

_LONG = """
Brings a release to a new version of its chart, or to new values.

The chart is given as for 'helm install', and so are values; where they
disagree, the one further right wins:

	$ helm upgrade -f myvalues.yaml -f override.yaml redis ./redis
	$ helm upgrade --set foo=bar --set foo=newbar redis ./redis

Without values the release keeps those that it has.
"""
_VERSION = "Specify the exact chart version to use. If this is not specified, the latest version is used"
_REUSE = (
    "When upgrading, reuse the last release's values and merge in any overrides from the command line via --set and "
    "-f. If '--reset-values' is specified, this is ignored."
)


def declare(session: Session) -> Command:
    """Return the command."""
    cleanup = "Allow deletion of new resources created in this upgrade when upgrade failed"
    only = "(only used if --install is set). Defaults to the current kube config namespace"
    return Command(
        "upgrade [RELEASE] [CHART]",
        long=_LONG,
        options=[
            *value_options(),
            Option("dry-run", "Simulate an upgrade", BOOL),
            Option("recreate-pods", RECREATE, BOOL),
            Option("force", FORCE, BOOL),
            Option(
                "disable-hooks",
                "Disable pre/post upgrade hooks. DEPRECATED. Use no-hooks",
                BOOL,
                deprecated="Use --no-hooks instead",
            ),
            Option("no-hooks", "Disable pre/post upgrade hooks", BOOL),
            Option(
                "install",
                "If a release by this name doesn't already exist, run an install",
                BOOL,
                shorthand="i",
            ),
            text_option("namespace", f"{NAMESPACE} {only}"),
            timeout_option(),
            Option("reset-values", "When upgrading, reset the values to the ones built into the chart", BOOL),
            Option("reuse-values", _REUSE, BOOL),
            wait_option(),
            Option(
                "atomic",
                "If set, upgrade process rolls back changes made in case of failed upgrade, also sets --wait flag",
                BOOL,
            ),
            Option("render-subchart-notes", "Render subchart notes along with parent", BOOL),
            text_option("description", "Specify the description to use for the upgrade, rather than the default"),
            Option("cleanup-on-fail", cleanup, BOOL),
            output_option(),
            *chart_path_options(
                session,
                verify="Verify the provenance of the chart before upgrading",
                keyring="Path to the keyring that contains public signing keys",
                version=_VERSION,
                logins=LOCATE,
            ),
            *tls_options(session),
        ],
        complete=releases(session),
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Upgrade the release, or install it where ``--install`` says so."""
    invocation.values["no-hooks"] = invocation.flag("no-hooks") or invocation.flag("disable-hooks")
    with tiller(session, invocation) as client:
        name, reference = exact_arguments(invocation, "release name", "chart path")
        path = located(session, invocation, reference)
        previous: Message | None = None
        missing = ""
        try:
            previous = client.call("GetHistory", name=name, max=1).releases[0]
        except PilothouseError as error:
            missing = error.message
        if invocation.flag("install"):
            if f'release: "{name}" not found' in missing:
                session.streams.out.line(f'Release "{name}" does not exist. Installing it now.')
                install(session, invocation, client, path, name, upgrading=True)
                return
            if previous is not None:
                _warn_of_namespace(session, invocation, previous)
        _upgrade(session, invocation, client, path, name, previous)


def _warn_of_namespace(session: Session, invocation: Invocation, previous: Message) -> None:
    wanted = invocation.text("namespace") or session.namespace()
    if previous.namespace != wanted:
        session.streams.out.line(
            f'WARNING: Namespace "{wanted}" doesn\'t match with previous. '
            f"Release will be deployed to {previous.namespace}"
        )


def _upgrade(
    session: Session,
    invocation: Invocation,
    client: TillerClient,
    path: str,
    name: str,
    previous: Message | None,
) -> None:
    from pilothouse.cli.helm2.release_view import release_text
    from pilothouse.cli.helm2.status import show_status

    try:
        answer = client.call("UpdateRelease", **_request(session, invocation, path, name))
    except PilothouseError as error:
        out = session.streams.out
        out.line(f"UPGRADE FAILED\nError: {error.message}")
        if invocation.flag("atomic") and previous is not None:
            out.write("ROLLING BACK")
            out.flush()
            roll_back(session, invocation, client, name, previous.version, wait=True, description="")
        raise error.prefixed("UPGRADE FAILED: ") from error
    if session.settings.debug:
        session.streams.out.write(release_text(session, answer.release))
    if invocation.text("output") == "table":
        session.streams.out.line(f'Release "{name}" has been upgraded.')
    show_status(session, invocation, client, name)


def _request(session: Session, invocation: Invocation, path: str, name: str) -> dict[str, object]:
    """Return the fields of the request.

    Raises:
        PilothouseError: The chart or the values are wrong.
    """
    from pilothouse.actions import tiller_chart
    from pilothouse.charts import helm2
    from pilothouse.cli.chart_argument import user_values

    values = user_values(session, invocation)
    chart = helm2.load(path, reporter=session.reporter)
    tiller_chart.check_requirements(chart)
    chart = tiller_chart.processed(chart, values, reporter=session.reporter)
    return {
        "name": name,
        "chart": tiller_chart.chart_to_send(chart),
        "values": tiller_chart.values_to_send(values),
        "dry_run": invocation.flag("dry-run"),
        "disable_hooks": invocation.flag("no-hooks"),
        "recreate": invocation.flag("recreate-pods"),
        "timeout": invocation.integer("timeout"),
        "reset_values": invocation.flag("reset-values"),
        "wait": invocation.flag("wait") or invocation.flag("atomic"),
        "reuse_values": invocation.flag("reuse-values"),
        "force": invocation.flag("force"),
        "description": invocation.text("description"),
        "subNotes": invocation.flag("render-subchart-notes"),
        "cleanup_on_fail": invocation.flag("cleanup-on-fail"),
    }
