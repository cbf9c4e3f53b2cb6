"""Logging in to registries and out of them (``registry.Client.Login``, ``Logout``)."""

from __future__ import annotations

from pilothouse.errors import NotFound, PilothouseError
from pilothouse.golang.quoting import quote
from pilothouse.sources.oci import docker_login
from pilothouse.sources.oci.client import Registry
from pilothouse.sources.oci.credentials import NONE, Credential, Credentials
from pilothouse.sources.oci.references import check_registry
from pilothouse.transport.client import HttpClient

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.environment import Environment
    from pilothouse.sources.oci.opening import RegistryOptions


def login(environment: Environment, options: RegistryOptions, host: str) -> None:
    """Check user and password with a registry, and keep them when it takes them.

    Raises:
        PilothouseError: It does not, or it cannot be reached; nothing is kept then.
    """
    given = Credential(username=options.username, password=options.password)
    if environment.compatibility == 3:
        given = given if options.username else Credential(identity_token=options.password)
        docker_login.check(environment, host, options.tls, given)
    else:
        _check(environment, host, options, given)
    Credentials(environment, options.config_file).put(host, given)


def _check(environment: Environment, host: str, options: RegistryOptions, given: Credential) -> None:
    check_registry(host)
    transport = HttpClient(environment.variables, options.tls)
    registry = Registry(
        transport,
        lambda asked: given if asked in (host, "registry-1.docker.io") else NONE,
        plain_http=options.plain_http,
    )
    served = "registry-1.docker.io" if host == "docker.io" else host
    registry.authorizer.exchange_password = True
    try:
        registry.ping(served)
    except PilothouseError:
        registry.authorizer.exchange_password = False
        try:
            registry.ping(served)
        except PilothouseError as error:
            raise error.prefixed(f"authenticating to {quote(host)}: ") from error


def logout(environment: Environment, config_file: str, host: str) -> None:
    """Forget the login of a registry.

    Raises:
        NotFound: Helm 3 is followed and there was none.
    """
    if not Credentials(environment, config_file).erase(host) and environment.compatibility == 3:
        raise NotFound("not logged in")
