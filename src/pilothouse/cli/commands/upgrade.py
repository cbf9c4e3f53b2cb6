"""``helm upgrade``."""

from __future__ import annotations

from pilothouse.cli.chart_argument import loaded, located, user_values
from pilothouse.cli.commands.install import install_chart
from pilothouse.cli.offers import charts, nothing, release_names
from pilothouse.cli.options import (
    DEVEL,
    FORCE_EXCLUSIVE,
    chart_path_options,
    dry_run_option,
    dry_run_strategy,
    force_options,
    force_replace,
    history_max_option,
    output_option,
    post_renderer,
    post_renderer_options,
    rollback_on_failure,
    rollback_on_failure_options,
    timeout_option,
    value_options,
    wait_options,
    wait_strategy,
)
from pilothouse.cli.output.releases import show_release
from pilothouse.cli.registry_access import check_certificates
from pilothouse.commandline.command import Command, exactly
from pilothouse.commandline.options import BOOL, TEXT_MAP, Option
from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.post_rendering import PostRenderer
    from pilothouse.charts.model import Chart
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.releases.release import Release

_LONG = """
Upgrades a release to another version of its chart, or to other values.

The chart is given as for 'helm install', and so are the values; where they
disagree, the one further right wins:

    $ helm upgrade -f myvalues.yaml -f override.yaml redis ./redis
    $ helm upgrade --set foo=bar --set foo=newbar redis ./redis

--reuse-values begins with the values of the last revision and merges those
given now into them:

    $ helm upgrade --reuse-values --set foo=newbar redis ./redis

A dry run prints every object, Secrets as well unless --hide-secret is given.
"""
_SERVER_SIDE = (
    'must be "true", "false" or "auto". Object updates run in the server instead of the client '
    '("auto" defaults the value from the previous chart release\'s method)'
)


def server_side_option(generation: int) -> Option:
    """Return ``--server-side`` of commands that follow an earlier revision."""
    return Option("server-side", _SERVER_SIDE, default="auto", hidden=generation == 3)


def declare(session: Session) -> Command:
    """Return the command."""

    def complete(invocation: Invocation, typed: str) -> tuple[list[str], int]:
        if not invocation.arguments:
            return release_names(session, invocation, typed)
        return charts(session, invocation, typed) if len(invocation.arguments) == 1 else nothing(invocation, typed)

    return Command(
        "upgrade [RELEASE] [CHART]",
        long=_LONG,
        options=_options(session),
        exclusive=FORCE_EXCLUSIVE,
        validate=exactly(2),
        complete=complete,
        run=session.runs(run),
    )


def _options(session: Session) -> list[Option]:
    generation = session.generation
    old = generation == 3
    return [
        Option("create-namespace", "if --install is set, create the release namespace if not present", BOOL),
        Option("install", "if a release by this name doesn't already exist, run an install", BOOL, shorthand="i"),
        Option("devel", DEVEL, BOOL),
        dry_run_option(generation),
        Option("hide-secret", "hide Kubernetes Secrets when also using the --dry-run flag", BOOL),
        *force_options(generation, "force resource updates through a replacement strategy"),
        server_side_option(generation),
        Option("no-hooks", "disable pre/post upgrade hooks", BOOL),
        Option(
            "disable-openapi-validation",
            "if set, the upgrade process will not validate rendered templates against the Kubernetes OpenAPI Schema",
            BOOL,
        ),
        Option(
            "skip-crds",
            "if set, no CRDs will be installed when an upgrade is performed with install flag enabled. By default, "
            "CRDs are installed if not already present, when an upgrade is performed with install flag enabled",
            BOOL,
        ),
        timeout_option(),
        *_value_reuse_options(),
        *wait_options(session),
        *rollback_on_failure_options(
            generation,
            "if set, Helm will rollback the upgrade to previous success release upon failure. The --wait flag will be "
            'defaulted to "watcher" if --rollback-on-failure is set',
            "if set, upgrade process rolls back changes made in case of failed upgrade. The --wait flag will be set "
            "automatically if --atomic is used",
        ),
        history_max_option(session),
        Option("cleanup-on-fail", "allow deletion of new resources created in this upgrade when upgrade fails", BOOL),
        *_text_options(),
        Option("dependency-update", "update dependencies if they are missing before installing the chart", BOOL),
        Option("enable-dns", "enable DNS lookups when rendering templates", BOOL),
        Option("skip-schema-validation", "if set, disables JSON schema validation", BOOL),
        Option(
            "take-ownership",
            "if set, upgrade will ignore the check for helm annotations and take ownership of the existing resources",
            BOOL,
            hidden=old,
        ),
        *chart_path_options(session),
        *value_options(generation),
        output_option(),
        *post_renderer_options(generation),
    ]


def _value_reuse_options() -> list[Option]:
    return [
        Option("reset-values", "when upgrading, reset the values to the ones built into the chart", BOOL),
        Option(
            "reuse-values",
            "when upgrading, reuse the last release's values and merge in any overrides from the command line via "
            "--set and -f. If '--reset-values' is specified, this is ignored",
            BOOL,
        ),
        Option(
            "reset-then-reuse-values",
            "when upgrading, reset the values to the ones built into the chart, apply the last release's values and "
            "merge in any overrides from the command line via --set and -f. If '--reset-values' or '--reuse-values' "
            "is specified, this is ignored",
            BOOL,
        ),
    ]


def _text_options() -> list[Option]:
    return [
        Option("render-subchart-notes", "if set, render subchart notes along with the parent", BOOL),
        Option(
            "hide-notes",
            "if set, do not show notes in upgrade output. Does not affect presence in chart metadata",
            BOOL,
        ),
        Option(
            "labels",
            "Labels that would be added to release metadata. Should be separated by comma. Original release labels "
            "will be merged with upgrade labels. You can unset label using null.",
            TEXT_MAP,
            shorthand="l",
        ),
        Option("description", "add a custom description"),
    ]


def run(session: Session, invocation: Invocation) -> None:
    """Upgrade the release, or install it, and tell about it."""
    name, reference = invocation.arguments
    changes = post_renderer(session, invocation)
    check_certificates(session, invocation)
    # Helm 3 looks at the flag once it has found the chart.
    dry_run = "" if session.generation == 3 else dry_run_strategy(session, invocation)
    table = invocation.text("output") == "table"
    hide_notes = invocation.flag("hide-notes")
    missing = reuse_name = False
    if invocation.flag("install"):
        from pilothouse.actions.history import newest_status
        from pilothouse.releases.release import UNINSTALLED

        status = newest_status(session.context(), name)
        reuse_name = status == UNINSTALLED
        missing = reuse_name or status is None
    if missing:
        if table:
            session.streams.out.line(f'Release "{name}" does not exist. Installing it now.')
        release = install_chart(session, invocation, dry_run=dry_run, reuse_name=reuse_name, changes=changes)
        show_release(session, invocation, release, hide_notes=hide_notes)
        return
    path = located(session, invocation, reference)
    dry_run = dry_run or dry_run_strategy(session, invocation)
    values = user_values(session, invocation)
    chart = loaded(session, invocation, path)
    try:
        release = _upgrade(session, invocation, chart=chart, values=values, dry_run=dry_run, changes=changes)
    except PilothouseError as error:
        raise error.prefixed("UPGRADE FAILED: ") from error
    if table:
        session.streams.out.line(f'Release "{name}" has been upgraded. Happy Helming!')
    show_release(session, invocation, release, hide_notes=hide_notes)


def _upgrade(
    session: Session,
    invocation: Invocation,
    *,
    chart: Chart,
    values: dict[str, YamlValue],
    dry_run: str,
    changes: PostRenderer | None,
) -> Release:
    from pilothouse.actions.upgrade import UpgradeOptions, upgrade
    from pilothouse.cli.interruption import cancellable

    name = invocation.arguments[0]
    with cancellable(session, name):
        return upgrade(
            session.context(),
            UpgradeOptions(
                name=name,
                chart=chart,
                values=values,
                dry_run=dry_run,
                hide_secret=invocation.flag("hide-secret"),
                wait=wait_strategy(session, invocation),
                wait_for_jobs=invocation.flag("wait-for-jobs"),
                timeout=invocation.number("timeout"),
                rollback_on_failure=rollback_on_failure(invocation),
                cleanup_on_fail=invocation.flag("cleanup-on-fail"),
                no_hooks=invocation.flag("no-hooks"),
                skip_schema_validation=invocation.flag("skip-schema-validation"),
                disable_openapi_validation=invocation.flag("disable-openapi-validation"),
                render_subchart_notes=invocation.flag("render-subchart-notes"),
                enable_dns=invocation.flag("enable-dns"),
                reset_values=invocation.flag("reset-values"),
                reuse_values=invocation.flag("reuse-values"),
                reset_then_reuse_values=invocation.flag("reset-then-reuse-values"),
                history_max=invocation.integer("history-max"),
                description=invocation.text("description"),
                labels=invocation.pairs("labels"),
                server_side="false" if session.generation == 3 else invocation.text("server-side"),
                force_replace=force_replace(invocation),
                force_conflicts=invocation.flag("force-conflicts"),
                take_ownership=invocation.flag("take-ownership"),
                post_renderer=changes,
            ),
        )
