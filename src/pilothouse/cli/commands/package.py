"""``helm package``."""

from __future__ import annotations

from pilothouse.cli.chart_argument import update_dependencies
from pilothouse.cli.offers import files
from pilothouse.cli.options import keyring_option, login_options, plain_http_option, tls_options
from pilothouse.cli.registry_access import check_certificates
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Packs charts into archives. Each argument is the directory of a chart, which
holds a Chart.yaml.

--sign signs the archive; --keyring and --key say with what, as in

  $ helm package --sign ./mychart --key mykey --keyring ~/.gnupg/secring.gpg
"""


def declare(session: Session) -> Command:
    """Return the command."""
    old = session.generation == 3
    return Command(
        "package [CHART_PATH] [...]",
        long=_LONG,
        options=[
            Option("sign", "use a PGP private key to sign this package", BOOL),
            Option("key", "name of the key to use when signing. Used if --sign is true"),
            keyring_option(session, "location of a public keyring"),
            Option(
                "passphrase-file",
                "location of a file which contains the passphrase for the signing key. "
                'Use "-" in order to read from stdin.',
            ),
            Option("version", "set the version on the chart to this semver version"),
            Option("app-version", "set the appVersion on the chart to this version"),
            Option("destination", "location to write the chart.", default=".", shorthand="d"),
            Option(
                "dependency-update",
                'update dependencies from "Chart.yaml" to dir "charts/" before packaging',
                BOOL,
                shorthand="u",
            ),
            *login_options(hidden=old),
            *tls_options(hidden=old),
            plain_http_option(hidden=old),
        ],
        complete=files,
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Pack the charts."""
    if not invocation.arguments:
        raise UsageError("need at least one argument, the path to the chart")
    sign = invocation.flag("sign")
    for wanted in ("key", "keyring"):
        if sign and not invocation.text(wanted):
            raise UsageError(f"--{wanted} is required for signing a package")
    from pilothouse.actions.package import PackageOptions, package

    if session.generation != 3:
        check_certificates(session, invocation)
    signer = _signer(session, invocation) if sign else None
    for path in invocation.arguments:
        if invocation.flag("dependency-update"):
            update_dependencies(session, path, always=True, quiet=True)
        archive = package(
            session.environment,
            PackageOptions(
                path=path,
                destination=invocation.text("destination"),
                version=invocation.text("version"),
                app_version=invocation.text("app-version"),
                sign=sign,
            ),
            clock=session.clock,
            signer=signer,
            reporter=session.reporter,
        )
        session.streams.out.line(f"Successfully packaged chart and saved it to: {archive}")


def _signer(session: Session, invocation: Invocation) -> Callable[[str], None]:
    from pilothouse.actions.signing import chart_signer
    from pilothouse.cli.signing import passphrases, signing_options

    options = signing_options(invocation)
    return chart_signer(session.environment, options, passphrases(session, options))
