"""The chart and the name that a command line gives, and the user's values: what install, upgrade and template share."""

from __future__ import annotations

import os

from pilothouse.commandline.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.locate import ChartPathOptions
    from pilothouse.charts.model import Chart
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.golang.kinds import YamlValue


def name_and_chart(session: Session, invocation: Invocation, *, default_name: str = "") -> tuple[str, str]:
    """Return the release's name and the chart reference (``action.Install.NameAndChart``).

    Args:
        session: Knows the time.
        invocation: The arguments and flags.
        default_name: Name when none is given; without it that is an error.

    Raises:
        UsageError: There are too many arguments, or two ways of naming, or none.
    """
    arguments = invocation.arguments
    generate, template = invocation.flag("generate-name"), invocation.text("name-template")
    if len(arguments) > 2:
        raise UsageError(f"expected at most two arguments, unexpected arguments: {', '.join(arguments[2:])}")
    given = invocation.text("name")
    if given:
        if len(arguments) == 2 or generate or template:
            raise UsageError("cannot set --name and name the release in another way as well")
        return given, arguments[0]
    if len(arguments) == 2:
        if generate:
            raise UsageError("cannot set --generate-name and also specify a name")
        if template:
            raise UsageError("cannot set --name-template and also specify a name")
        return arguments[0], arguments[1]
    reference = arguments[0]
    if template:
        from pilothouse.actions.go_templates import render_name

        local_zone = session.environment.get("TZ")
        return render_name(template, helm=session.generation, clock=session.clock, local_zone=local_zone), reference
    if default_name:
        return default_name, reference
    if not generate:
        raise UsageError("must either provide a name or specify --generate-name")
    return _generated_name(session, reference), reference


def _generated_name(session: Session, reference: str) -> str:
    base = os.path.basename(reference.rstrip("/")) or "/"
    if base in (".", ""):
        base = "chart"
    return f"{base.partition('.')[0]}-{int(session.clock.now())}"


def chart_path_options(invocation: Invocation) -> ChartPathOptions:
    """Return the flags that say where a chart comes from."""
    from pilothouse.actions.locate import ChartPathOptions

    return ChartPathOptions(
        version=invocation.text("version") or (">0.0.0-0" if invocation.flag("devel") else ""),
        repository=invocation.text("repo"),
        username=invocation.text("username"),
        password=invocation.text("password"),
        verify=invocation.flag("verify"),
        keyring=invocation.text("keyring"),
        devel=invocation.flag("devel"),
        cert_file=invocation.text("cert-file"),
        key_file=invocation.text("key-file"),
        ca_file=invocation.text("ca-file"),
        insecure_skip_tls_verify=invocation.flag("insecure-skip-tls-verify"),
        plain_http=invocation.flag("plain-http"),
        pass_credentials=invocation.flag("pass-credentials"),
    )


def located(session: Session, invocation: Invocation, reference: str) -> str:
    """Return the path of the chart that ``reference`` names."""
    from pilothouse.actions.locate import locate_chart
    from pilothouse.cli.places import places
    from pilothouse.cli.progress_line import ProgressLine

    options = chart_path_options(invocation)
    with ProgressLine(session) as reporter:
        return locate_chart(session.environment, reference, options, places=places(session), reporter=reporter)


def tell_version(session: Session, invocation: Invocation, words: str) -> None:
    """Tell those who ask for ``--debug`` which version is looked for."""
    if session.generation == 3:
        from pilothouse.golang.quoting import quote

        session.reporter.debug(f"Original chart version: {quote(invocation.text('version'))}")
    else:
        session.reporter.debug(words, version=invocation.text("version"))
    if invocation.flag("devel") and not invocation.text("version"):
        session.reporter.debug("setting version to >0.0.0-0")


def located_for_install(session: Session, invocation: Invocation, reference: str) -> str:
    """Return the path of the chart that ``reference`` names, with what ``--debug`` tells of it."""
    tell_version(session, invocation, "Original chart version")
    path = located(session, invocation, reference)
    if session.generation == 3:
        session.reporter.debug(f"CHART PATH: {path}\n")
    else:
        session.reporter.debug("Chart path", path=path)
    return path


def user_values(session: Session, invocation: Invocation) -> dict[str, YamlValue]:
    """Return the values that the flags give, merged."""
    from pilothouse.actions.user_values import ValueOptions, merged_values

    return merged_values(
        ValueOptions(
            files=invocation.texts("values"),
            json=invocation.texts("set-json"),
            assignments=invocation.texts("set"),
            strings=invocation.texts("set-string"),
            file_contents=invocation.texts("set-file"),
            literals=invocation.texts("set-literal"),
        ),
        session.environment,
        read_input=session.read_input,
        reporter=session.reporter,
    )


def loaded(session: Session, invocation: Invocation, path: str) -> Chart:
    """Return the chart at ``path`` after the checks that come before a release is made.

    Raises:
        PilothouseError: It cannot be read, is a library, or lacks charts that it needs.
    """
    from pilothouse.actions.template import load_installable

    if invocation.flag("dependency-update"):
        update_dependencies(session, path)
    caches = session.environment.own_cache
    return load_installable(path, helm=session.generation, reporter=session.reporter, cache_folder=caches)


def update_dependencies(session: Session, path: str, *, always: bool = False, quiet: bool = False) -> None:
    """Fetch the charts that the chart at ``path`` needs (``--dependency-update``).

    Args:
        session: Knows where things are kept.
        path: Folder of the chart.
        always: Whether they are fetched anew when none is missing.
        quiet: Whether nothing is told of it.

    Raises:
        PilothouseError: They cannot be had.
    """
    from pilothouse.actions.dependency import DependencyOptions, start, update, update_missing
    from pilothouse.actions.package import source_date
    from pilothouse.cli.places import places

    def tell(text: str) -> None:
        if not quiet:
            session.streams.out.write(text)
            session.streams.out.flush()

    debug = session.settings.debug and session.generation != 2
    options = DependencyOptions(chart=path, debug=debug, source_date=source_date(session.environment))
    work = start(
        session.environment, places(session), options, tell=tell, clock=session.clock, reporter=session.reporter
    )
    if always:
        update(work)
    else:
        update_missing(work)
