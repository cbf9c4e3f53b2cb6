"""``helm package``."""

from __future__ import annotations

from pilothouse.cli.helm2.options import keyring_option, text_option
from pilothouse.cli.tiller_tunnel import debug
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Packs charts into archives, and keeps a copy of each in the local repository
that 'helm serve' serves, unless '--save=false' is given.

'--sign' signs the archive with the key of the ring that '--key' names.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    update = 'Update dependencies from "requirements.yaml" to dir "charts/" before packaging'
    return Command(
        "package [flags] [CHART_PATH] [...]",
        long=_LONG,
        options=[
            Option("save", "Save packaged chart to local chart repository", BOOL, default=True),
            Option("sign", "Use a PGP private key to sign this package", BOOL),
            text_option("key", "Name of the key to use when signing. Used if --sign is true"),
            keyring_option(session, "Location of a public keyring"),
            text_option("version", "Set the version on the chart to this semver version"),
            text_option("app-version", "Set the appVersion on the chart to this version"),
            text_option("destination", "Location to write the chart.", shorthand="d", default="."),
            Option("dependency-update", update, BOOL, shorthand="u"),
        ],
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Pack the charts."""
    if not invocation.arguments:
        raise UsageError("need at least one argument, the path to the chart")
    if invocation.flag("sign"):
        for name in ("key", "keyring"):
            if not invocation.text(name):
                raise UsageError(f"--{name} is required for signing a package")
    from pilothouse.actions.tiller_package import PackageOptions, package, save_locally

    out, version = session.streams.out, invocation.text("version")
    sign = _signer(session, invocation) if invocation.flag("sign") else None
    for path in invocation.arguments:
        if invocation.flag("dependency-update"):
            from pilothouse.cli.chart_argument import update_dependencies

            update_dependencies(session, path, always=True)
        if version:
            debug(session, f"Setting version to {version}")
        options = PackageOptions(
            path=path,
            destination=invocation.text("destination"),
            version=version,
            app_version=invocation.text("app-version"),
        )
        archive = package(session.environment, options, clock=session.clock, reporter=session.reporter)
        out.line(f"Successfully packaged chart and saved it to: {archive}")
        out.flush()
        if invocation.flag("save"):
            local = save_locally(session.environment, archive, session.settings.home, clock=session.clock)
            debug(session, f"Successfully saved {archive} to {local}\n")
        if sign is not None:
            sign(archive)


def _signer(session: Session, invocation: Invocation) -> Callable[[str], None]:
    from pilothouse.actions.tiller_package import chart_signer
    from pilothouse.cli.signing import passphrases, signing_options

    options = signing_options(invocation)
    return chart_signer(session.environment, options, passphrases(session, options))
