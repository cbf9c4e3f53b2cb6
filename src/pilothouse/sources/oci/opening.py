"""Making a client of registries from what the command line says."""

from __future__ import annotations

from pilothouse.records import Record, field
from pilothouse.sources.oci.client import Registry
from pilothouse.sources.oci.credentials import Credential, Credentials
from pilothouse.transport.client import HttpClient
from pilothouse.transport.tls import TlsFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.clock import Clock
    from pilothouse.environment import Environment


class RegistryOptions(Record):
    """How to reach registries, and as whom.

    Attributes:
        config_file: Helm's file of logins, ``--registry-config``.
        username: User in place of the one kept in files; it counts with a password only.
        password: Password in place of the one kept in files.
        plain_http: Whether connections are not encrypted.
        tls: Certificates and keys.
    """

    config_file: str
    username: str = ""
    password: str = ""
    plain_http: bool = False
    tls: TlsFiles = field(default_factory=TlsFiles)

    def of_command(self) -> RegistryOptions:
        """Return what counts: with certificates, or leave to check none, it is TLS (``cmd.newRegistryClient``)."""
        files = self.tls
        secured = files.ca_file or (files.certificate_file and files.key_file) or not files.verify
        return self.replace(plain_http=False) if secured else self

    def __repr__(self) -> str:
        return f"RegistryOptions(config_file={self.config_file!r}, username={self.username!r})"


def open_registry(environment: Environment, options: RegistryOptions, *, clock: Clock | None = None) -> Registry:
    """Return a client of registries; nothing is sent yet (``cmd.newRegistryClient``)."""
    transport = HttpClient(environment.variables, options.tls)
    if options.username and options.password:
        fixed = Credential(username=options.username, password=options.password)
        return Registry(
            transport,
            lambda _host: fixed,
            plain_http=options.plain_http,
            helm=environment.compatibility,
            clock=clock,
        )
    stored = Credentials(environment, options.config_file)
    return Registry(transport, stored.get, plain_http=options.plain_http, helm=environment.compatibility, clock=clock)
