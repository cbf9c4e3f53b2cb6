"""The chart and the values that install and upgrade send."""

from __future__ import annotations

from pilothouse.cli.tiller_tunnel import debug
from pilothouse.errors import Invalid, NotFound, PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation


def located(session: Session, invocation: Invocation, reference: str) -> str:
    """Return the path of the chart that ``reference`` names (``locateChartPath``).

    Raises:
        PilothouseError: There is none, or it cannot be fetched; without ``--debug`` a hint stands for the reason.
    """
    import os

    from pilothouse.cli.chart_argument import located as found

    kept = os.path.join(session.settings.home, "repository", reference.strip())
    here = os.path.join(session.environment.working_directory, reference.strip())
    if not reference.startswith((".", "/")) and not os.path.exists(here) and os.path.exists(kept):
        return os.path.abspath(kept)
    if os.path.isdir(here) and invocation.flag("verify"):
        raise Invalid("cannot verify a directory")
    try:
        return found(session, invocation, reference)
    except PilothouseError as error:
        if session.settings.debug or invocation.text("repo") or _is_told(error, here):
            raise
        raise NotFound(
            f'failed to download "{reference.strip()}" (hint: running `helm repo update` may help)'
        ) from error


def _is_told(error: PilothouseError, path: str) -> bool:
    """Return whether an error is about a local chart, which Helm 2 tells as it is."""
    import os

    return error.message.startswith('path "') or os.path.exists(path)


def located_for_install(session: Session, invocation: Invocation, reference: str) -> str:
    """Return the path of the chart that is installed, with what ``--debug`` tells of it."""
    debug(session, f'Original chart version: "{invocation.text("version")}"')
    if not invocation.text("version") and invocation.flag("devel"):
        debug(session, "setting version to >0.0.0-0")
    path = located(session, invocation, reference)
    debug(session, f"CHART PATH: {path}\n")
    return path


_DNS_1123 = (
    "a DNS-1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with "
    "an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LONGEST_SUBDOMAIN = 253


def check_name(name: str) -> None:
    """Refuse a release name that is no DNS-1123 subdomain; none is fine.

    Raises:
        Invalid: It is not; the text is Helm's.
    """
    import re

    faults = []
    if len(name) > _LONGEST_SUBDOMAIN:
        faults.append(f"must be no more than {_LONGEST_SUBDOMAIN} characters")
    label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
    if name and not re.fullmatch(rf"{label}(\.{label})*", name):
        faults.append(_DNS_1123)
    if faults:
        raise Invalid(f"release name {name} is invalid: {';'.join(faults)}")


def final_name(session: Session, invocation: Invocation) -> str:
    """Return the release name that the flags give, checked; empty when Tiller shall make one up."""
    template, name = invocation.text("name-template"), invocation.text("name")
    if template:
        from pilothouse.actions.go_templates import render_name

        name = render_name(template, helm=3, clock=session.clock, local_zone=session.environment.get("TZ"))
        session.streams.out.line(f"FINAL NAME: {name}")
    check_name(name)
    return name
