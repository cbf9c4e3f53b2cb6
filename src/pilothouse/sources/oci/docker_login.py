"""Logging in as Helm 3 does, which leaves it to Docker's code (``registry.Service.Auth``, ``tlsconfig.Client``).

Docker takes any certificate from this machine and, with ``--insecure``, from any; both may leave encryption out.
"""

from __future__ import annotations

from pilothouse.errors import Invalid, PilothouseError
from pilothouse.golang.quoting import quote
from pilothouse.golang.urls import UrlSyntaxError, parse
from pilothouse.sources.oci.authorization import Authorizer, parse_challenge
from pilothouse.sources.oci.errors import RegistryFailed, RegistryRefused
from pilothouse.transport.client import HttpClient, HttpRequest
from pilothouse.transport.errors import TlsInvalid
from pilothouse.transport.tls import TlsFiles, TlsSettings, make_context, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.environment import Environment
    from pilothouse.sources.oci.credentials import Credential
    from pilothouse.transport.client import HttpResponse

_HUB, _HUB_NAMES = "registry-1.docker.io", ("", "docker.io", "index.docker.io")
_OWN = "no basic auth credentials"


def check(environment: Environment, host: str, tls: TlsFiles, given: Credential) -> None:
    """Check a login at each address that a registry may have, until one takes it.

    Raises:
        PilothouseError: None does; the last one's answer.
    """
    address = host if host.startswith(("https://", "http://")) else f"https://{host}"
    try:
        name = parse(address).host.removesuffix(":")
    except UrlSyntaxError as error:
        raise Invalid(f"unable to parse server address: {error}") from error
    name = _HUB if host in _HUB_NAMES or name in _HUB_NAMES[1:] else name
    insecure = not tls.verify or name.startswith("127.") or name.partition(":")[0] == "localhost"
    own = bool(tls.ca_file or (tls.certificate_file and tls.key_file))
    if own:
        _check_files(tls)
    files = tls.replace(verify=True) if own else TlsFiles(verify=not insecure, helm=3)
    failed: PilothouseError | None = None
    for scheme in ("https", "http") if insecure else ("https",):
        try:
            _ping(HttpClient(environment.variables, files), f"{scheme}://{name}/v2/", name, given)
        except PilothouseError as error:
            failed = error
            if own and isinstance(error, RegistryFailed) and error.status == 401:
                raise
        else:
            return
    if failed is not None:
        raise failed


def _ping(client: HttpClient, url: str, host: str, given: Credential) -> None:
    def send(request: HttpRequest) -> HttpResponse:
        return client.send(request.replace(headers={**request.headers, "User-Agent": "Helm"}))

    first = send(HttpRequest(url=url))
    first.close()
    scheme, _ = parse_challenge(first.headers.get("www-authenticate", ""))
    if first.status == 401 and scheme == "basic" and not (given.username and given.password):
        raise RegistryRefused(f"Get {quote(url)}: {_OWN}")
    authorizer = Authorizer(send, lambda _host: given)
    try:
        response = authorizer.send(HttpRequest(url=url), host, "")
    except RegistryRefused as error:
        raise RegistryRefused(f"Get {quote(url)}: {error.answer or error.message}") from error
    response.close()
    if response.status != 200:
        from http import HTTPStatus

        known = {status.value: status.phrase for status in HTTPStatus}
        text = f"login attempt to {url} failed with status: {response.status} {known.get(response.status, '')}"
        raise RegistryFailed(text, response.status)


def _check_files(tls: TlsFiles) -> None:
    """Refuse certificates that cannot be used, in the words of ``tlsconfig.Client``."""
    if tls.ca_file:
        content, problem = read_file(tls.ca_file)
        if problem:
            raise TlsInvalid(f"could not read CA certificate {quote(tls.ca_file)}: {problem}")
        try:
            make_context(TlsSettings(authorities=content))
        except TlsInvalid as error:
            raise TlsInvalid(f"failed to append certificates from PEM file: {quote(tls.ca_file)}") from error
    if not (tls.certificate_file or tls.key_file):
        return
    start = "could not load X509 key pair: "
    found = []
    for path in (tls.certificate_file, tls.key_file):
        content, problem = read_file(path)
        if problem:
            raise TlsInvalid(start + problem)
        found.append(content)
    try:
        make_context(TlsSettings(certificate=found[0], key=found[1]))
    except TlsInvalid as error:
        raise TlsInvalid(start + error.message) from error
