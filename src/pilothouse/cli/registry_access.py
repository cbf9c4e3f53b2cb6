"""How a command reaches registries, from its flags."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.registry import RegistryOptions
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation


def registry_options(session: Session, invocation: Invocation) -> RegistryOptions:
    """Return what the flags of a command say about registries."""
    from pilothouse.actions.registry import RegistryOptions
    from pilothouse.transport.tls import TlsFiles

    return RegistryOptions(
        config_file=session.settings.registry_config,
        username=invocation.text("username"),
        password=invocation.text("password"),
        plain_http=invocation.flag("plain-http"),
        tls=TlsFiles(
            ca_file=invocation.text("ca-file"),
            certificate_file=invocation.text("cert-file"),
            key_file=invocation.text("key-file"),
            verify=not (invocation.flag("insecure-skip-tls-verify") or invocation.flag("insecure")),
            helm=session.environment.compatibility,
        ),
    )


def check_certificates(session: Session, invocation: Invocation) -> None:
    """Refuse certificates that cannot be used, as Helm does before it looks at anything else (``newRegistryClient``).

    Raises:
        PilothouseError: A file cannot be read or used.
    """
    if not any(invocation.text(name) for name in ("ca-file", "cert-file", "key-file")):
        return
    from pilothouse.errors import PilothouseError

    try:
        registry_options(session, invocation).tls.context()
    except PilothouseError as error:
        raise error.prefixed("missing registry client: ") from error
