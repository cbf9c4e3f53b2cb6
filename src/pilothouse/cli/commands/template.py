"""``helm template``."""

from __future__ import annotations

import os

from pilothouse.cli.chart_argument import loaded, located_for_install, name_and_chart, user_values
from pilothouse.cli.offers import charts, nothing
from pilothouse.cli.options import FORCE_EXCLUSIVE, dry_run_strategy, install_options, post_renderer
from pilothouse.cli.registry_access import check_certificates
from pilothouse.commandline.command import Command, at_least
from pilothouse.commandline.options import BOOL, TEXT_ARRAY, TEXT_SLICE, Option
from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.actions.template import Surroundings
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.commandline.options import Completer

_LONG = """
Renders a chart's templates here and prints the objects.

Nothing is asked of a cluster: what would be looked up there is empty, and
whether the cluster knows the objects' kinds is not checked.

Which APIs the templates see in Capabilities.APIVersions is said with
'--api-versions', repeated or with commas:

    $ helm template --api-versions networking.k8s.io/v1 --api-versions cert-manager.io/v1 mychart ./mychart
    $ helm template --api-versions networking.k8s.io/v1,cert-manager.io/v1 mychart ./mychart
"""


def declare(session: Session) -> Command:
    """Return the command."""
    old = session.generation == 3
    api_versions = "Kubernetes api versions used for Capabilities.APIVersions"
    return Command(
        "template [NAME] [CHART]",
        long=_LONG,
        options=[
            *install_options(session, template=True),
            Option("show-only", "only show manifests rendered from the given templates", TEXT_ARRAY, shorthand="s"),
            Option("output-dir", "writes the executed templates to files in output-dir instead of stdout"),
            Option(
                "validate",
                "validate your manifests against the Kubernetes cluster you are currently pointing at. "
                "This is the same validation performed on an install",
                BOOL,
                deprecated="" if old else "use '--dry-run=server' instead",
            ),
            Option("include-crds", "include CRDs in the templated output", BOOL),
            Option("skip-tests", "skip tests from templated output", BOOL),
            Option("is-upgrade", "set .Release.IsUpgrade instead of .Release.IsInstall", BOOL),
            Option("kube-version", "Kubernetes version used for Capabilities.KubeVersion"),
            Option(
                "api-versions",
                api_versions if old else f"{api_versions} (multiple can be specified)",
                TEXT_SLICE,
                shorthand="a",
            ),
            Option("release-name", "use release name in the output-dir path.", BOOL),
        ],
        exclusive=FORCE_EXCLUSIVE if old else (("validate", "dry-run"), *FORCE_EXCLUSIVE),
        validate=at_least(1),
        complete=complete_name_and_chart(session),
        run=session.runs(run),
    )


def complete_name_and_chart(session: Session) -> Completer:
    """Return a completer of charts for the second argument, or for the first when the name is made up."""

    def complete(invocation: Invocation, typed: str) -> tuple[list[str], int]:
        needed = 0 if invocation.flag("generate-name") else 1
        if len(invocation.arguments) == needed:
            return charts(session, invocation, typed)
        return nothing(invocation, typed)

    return complete


def run(session: Session, invocation: Invocation) -> None:
    """Render the chart and print the objects, or write them to files."""
    from pilothouse.actions.template import DEFAULT_NAME, TemplateOptions, check_kube_version_flag, template

    changes = post_renderer(session, invocation)
    kube_version = invocation.text("kube-version")
    check_kube_version_flag(kube_version, helm=session.generation)
    check_certificates(session, invocation)
    strategy = dry_run_strategy(session, invocation, template=True)
    server = "server" if strategy == "server" or invocation.flag("validate") else ""
    if session.generation == 3 and not invocation.flag("validate"):
        server = server and "lookups"
    name, reference = name_and_chart(session, invocation, default_name=DEFAULT_NAME)
    path = located_for_install(session, invocation, reference)
    values = user_values(session, invocation)
    chart = loaded(session, invocation, path)
    _check_name(session, name)
    result = template(
        TemplateOptions(
            chart=chart,
            name=name,
            namespace=session.namespace(),
            values=values,
            kube_version=kube_version,
            api_versions=invocation.texts("api-versions"),
            is_upgrade=invocation.flag("is-upgrade"),
            show_only=invocation.texts("show-only"),
            output_dir=invocation.text("output-dir"),
            use_release_name=invocation.flag("release-name"),
            include_crds=invocation.flag("include-crds"),
            skip_tests=invocation.flag("skip-tests"),
            no_hooks=invocation.flag("no-hooks"),
            skip_schema_validation=invocation.flag("skip-schema-validation"),
            debug=session.settings.debug,
            post_renderer=changes,
        ),
        _surroundings(session, invocation, name, server=server),
    )
    session.streams.out.write(result.text)
    if result.error is not None:
        raise result.error


def _check_name(session: Session, name: str) -> None:
    """Refuse what cannot be a release's name (``action.Install.availableName``)."""
    from pilothouse.releases.names import check_name

    try:
        check_name(name)
    except PilothouseError as error:
        if session.generation == 3:
            raise
        session.reporter.report("error", "release name check failed", error=error.message)
        raise error.prefixed("release name check failed: ") from error


def _surroundings(session: Session, invocation: Invocation, name: str, *, server: str) -> Surroundings:
    """Return what templates see: of a cluster nothing, its objects (``lookups``) or all (``server``)."""
    from pilothouse.actions.template import Surroundings

    environment = session.environment
    asked = Surroundings(
        clock=session.clock,
        entropy=os.urandom,
        helm=session.generation,
        resolve_host=resolve_host if invocation.flag("enable-dns") else None,
        local_zone=environment.get("TZ"),
        cache_folder=environment.own_cache,
        working_directory=environment.working_directory,
        reporter=session.reporter,
    )
    if not server:
        return asked
    from pilothouse.actions.server_rendering import ServerOptions, with_lookups, with_server

    if server == "lookups":
        return with_lookups(asked, session.context())
    return with_server(
        asked,
        session.context(),
        ServerOptions(
            name=name,
            is_upgrade=invocation.flag("is-upgrade"),
            disable_openapi_validation=invocation.flag("disable-openapi-validation"),
            take_ownership=invocation.flag("take-ownership"),
        ),
    )


def resolve_host(name: str) -> Sequence[str]:
    """Return the addresses of a host."""
    import socket

    try:
        found = socket.getaddrinfo(name, None)
    except OSError:
        return []
    return list(dict.fromkeys(str(address[4][0]) for address in found))
