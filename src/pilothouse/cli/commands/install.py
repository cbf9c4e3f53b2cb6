"""``helm install``."""

from __future__ import annotations

from pilothouse.cli.chart_argument import loaded, located_for_install, name_and_chart, user_values
from pilothouse.cli.commands.template import complete_name_and_chart
from pilothouse.cli.options import (
    FORCE_EXCLUSIVE,
    dry_run_strategy,
    force_replace,
    install_options,
    output_option,
    post_renderer,
    rollback_on_failure,
    wait_strategy,
)
from pilothouse.cli.output.releases import show_release
from pilothouse.cli.registry_access import check_certificates
from pilothouse.commandline.command import Command, at_least
from pilothouse.commandline.options import BOOL, Option
from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.post_rendering import PostRenderer
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.releases.release import Release

_LONG = """
Installs a chart: renders its templates with values and puts the objects into
the cluster, as a release with a name.

The chart can be given as

1. a name in a repository:          helm install mymaria example/mariadb
2. an archive:                      helm install mynginx ./nginx-1.2.3.tgz
3. a directory:                     helm install mynginx ./nginx
4. a URL:                           helm install mynginx https://example.com/charts/nginx-1.2.3.tgz
5. a name in a repository's URL:    helm install --repo https://example.com/charts/ mynginx nginx
6. a reference in a registry:       helm install mynginx --version 1.2.3 oci://example.com/charts/nginx

Values of the chart are changed with files of YAML and with flags; where they
disagree, the one further right wins:

    $ helm install -f myvalues.yaml -f override.yaml myredis ./redis
    $ helm install --set name=prod --set image.tag=7 myredis ./redis
    $ helm install --set-string long_int=1234567890 myredis ./redis
    $ helm install --set-file my_script=dothings.sh myredis ./redis
    $ helm install --set-json 'sidecars=[{"name":"sidecar","image":"myImage"}]' myredis ./redis
    $ helm install --set-json '{"sidecars":[{"name":"sidecar"}]}' myredis ./redis

To see the objects without installing them, use --dry-run=client, or
--dry-run=server to have the cluster check them; both print Secrets as well,
unless --hide-secret is given.

With --verify the chart must have a provenance file that fits it.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "install [NAME] [CHART]",
        long=_LONG,
        options=[
            *install_options(session),
            Option("hide-secret", "hide Kubernetes Secrets when also using the --dry-run flag", BOOL),
            output_option(),
        ],
        exclusive=FORCE_EXCLUSIVE,
        validate=at_least(1),
        complete=complete_name_and_chart(session),
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Install the chart and tell about the release."""
    # Helm 3 looks at the flag late, so that what is wrong with the chart is told first.
    changes = post_renderer(session, invocation)
    check_certificates(session, invocation)
    dry_run = "" if session.generation == 3 else dry_run_strategy(session, invocation)
    try:
        release = install_chart(session, invocation, dry_run=dry_run, changes=changes)
    except PilothouseError as error:
        raise error.prefixed("INSTALLATION FAILED: ") from error
    show_release(session, invocation, release, hide_notes=invocation.flag("hide-notes"))


def install_chart(
    session: Session,
    invocation: Invocation,
    *,
    dry_run: str,
    reuse_name: bool = False,
    changes: PostRenderer | None = None,
) -> Release:
    """Install the chart that the arguments name.

    Args:
        session: The run.
        invocation: Arguments and flags.
        dry_run: ``none``, ``client`` or ``server``; empty to look at the flag once the chart is loaded.
        reuse_name: Whether the name of an uninstalled release is used again, whatever the flag says.
        changes: The post-renderer.
    """
    name, reference = name_and_chart(session, invocation)
    path = located_for_install(session, invocation, reference)
    values = user_values(session, invocation)
    chart = loaded(session, invocation, path)
    dry_run = dry_run or dry_run_strategy(session, invocation)
    from pilothouse.actions.install import InstallOptions, install
    from pilothouse.cli.interruption import cancellable

    with cancellable(session, name):
        return install(
            session.context(),
            InstallOptions(
                name=name,
                chart=chart,
                values=values,
                dry_run=dry_run,
                hide_secret=invocation.flag("hide-secret"),
                wait=wait_strategy(session, invocation),
                wait_for_jobs=invocation.flag("wait-for-jobs"),
                timeout=invocation.number("timeout"),
                rollback_on_failure=rollback_on_failure(invocation),
                create_namespace=invocation.flag("create-namespace"),
                reuse_name=reuse_name or invocation.flag("replace"),
                no_hooks=invocation.flag("no-hooks"),
                skip_crds=invocation.flag("skip-crds"),
                skip_schema_validation=invocation.flag("skip-schema-validation"),
                disable_openapi_validation=invocation.flag("disable-openapi-validation"),
                render_subchart_notes=invocation.flag("render-subchart-notes"),
                enable_dns=invocation.flag("enable-dns"),
                description=invocation.text("description"),
                labels=invocation.pairs("labels"),
                server_side=session.generation != 3 and invocation.values.get("server-side") in (True, "true", "auto"),
                force_replace=force_replace(invocation),
                force_conflicts=invocation.flag("force-conflicts"),
                take_ownership=invocation.flag("take-ownership"),
                post_renderer=changes,
            ),
        )
