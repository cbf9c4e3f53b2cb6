"""Answers to the challenges of registries: basic logins and tokens (``oras-go`` ``auth.Client``)."""

from __future__ import annotations

from pilothouse.errors import PilothouseError
from pilothouse.formats.json_text import decode_mapping
from pilothouse.golang.quoting import quote
from pilothouse.sources.oci.errors import RegistryFailed, RegistryRefused
from pilothouse.sources.oci.failures import answer_text
from pilothouse.transport.auth import basic
from pilothouse.transport.client import HttpRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.sources.oci.credentials import Credential
    from pilothouse.transport.client import HttpResponse

PULL = "pull"
PUSH = "pull,push"
_CLIENT = "oras-go"
_TOKEN_LIMIT = 128 << 10


class Authorizer:
    """Sends requests with what a registry wants to see, and remembers it for the next ones.

    Args:
        send: Sends one request.
        credentials: Returns what is known of a host.

    Attributes:
        exchange_password: Whether a password is first tried in OAuth 2's way, as a login does.
    """

    def __init__(self, send: Callable[[HttpRequest], HttpResponse], credentials: Callable[[str], Credential]) -> None:
        self._send = send
        self._credentials = credentials
        self._known: dict[tuple[str, str], str] = {}
        self.exchange_password = False

    def send(self, request: HttpRequest, host: str, scope: str) -> HttpResponse:
        """Send a request, and once more with an answer to the challenge when there is one.

        Raises:
            RegistryRefused: There are no credentials that could answer it.
        """
        known = self._known.get((host, "")) or self._known.get((host, scope))
        response = self._send(_with(request, known))
        if response.status != 401:
            return response
        scheme, parameters = parse_challenge(response.headers.get("www-authenticate", ""))
        if scheme not in ("basic", "bearer"):
            return response
        try:
            if scheme == "basic":
                answer, key = self._basic(host), (host, "")
            else:
                scopes = merged_scopes(" ".join((scope, parameters.get("scope", ""))))
                answer, key = "Bearer " + self._token(host, request.url, parameters, scopes), (host, scope)
        except PilothouseError as error:
            raise error.prefixed(f"{request.method} {quote(response.url)}: ") from error
        if answer == known:
            return response
        response.close()
        self._known[key] = answer
        return self._send(_with(request, answer))

    def _basic(self, host: str) -> str:
        credential = self._credentials(host)
        if credential.empty:
            raise RegistryRefused("basic credential not found", hints=(f"log in with: helm registry login {host}",))
        if not credential.username or not credential.password:
            raise RegistryRefused("missing username or password for basic auth")
        return basic(credential.username, credential.password)

    def _token(self, host: str, url: str, parameters: dict[str, str], scopes: list[str]) -> str:
        credential = self._credentials(host)
        if credential.registry_token:
            return credential.registry_token
        realm = parameters.get("realm", "")
        if not credential.empty and url.startswith("https:") and not realm.startswith("https:"):
            raise RegistryRefused(f"the registry wants credentials sent to {quote(realm)}, which is not encrypted")
        service = parameters.get("service", "")
        if credential.empty or not (credential.identity_token or self.exchange_password):
            return self._distribution_token(realm, service, scopes, credential)
        return self._oauth_token(realm, service, scopes, credential)

    def _distribution_token(self, realm: str, service: str, scopes: list[str], credential: Credential) -> str:
        """Ask for a token in Docker's way (``fetchDistributionToken``)."""
        from urllib.parse import urlencode

        pairs = [("service", service)] if service else []
        query = urlencode([*pairs, *(("scope", scope) for scope in scopes)])
        headers = {}
        if credential.username or credential.password:
            headers["Authorization"] = basic(credential.username, credential.password)
        url = f"{realm}{'&' if '?' in realm else '?'}{query}" if query else realm
        return self._token_of(HttpRequest(url=url, headers=headers))

    def _oauth_token(self, realm: str, service: str, scopes: list[str], credential: Credential) -> str:
        """Exchange an identity token, or user and password, for a token (``fetchOAuth2Token``)."""
        from urllib.parse import urlencode

        if credential.identity_token:
            form = {"grant_type": "refresh_token", "refresh_token": credential.identity_token}
        elif credential.username and credential.password:
            form = {"grant_type": "password", "username": credential.username, "password": credential.password}
        else:
            raise RegistryRefused("missing username or password for bearer auth")
        form |= {"service": service, "client_id": _CLIENT}
        if scopes:
            form["scope"] = " ".join(scopes)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._token_of(HttpRequest(url=realm, method="POST", headers=headers, body=urlencode(form).encode()))

    def _token_of(self, request: HttpRequest) -> str:
        response = self._send(request)
        start = f"{request.method} {quote(response.url)}"
        if response.status != 200:
            text = f"{start}: response status code {response.status}: {answer_text(response)}"
            if response.status in (401, 403):
                raise RegistryRefused(text, answer=answer_text(response, details=False))
            raise RegistryFailed(text, response.status)
        answer = decode_mapping(response.read(_TOKEN_LIMIT))
        token = answer.get("access_token") or answer.get("token")
        if not isinstance(token, str) or not token or not token.isprintable():
            raise RegistryFailed(f"{start}: empty token returned", response.status)
        return token


def _with(request: HttpRequest, authorization: str | None) -> HttpRequest:
    if not authorization:
        return request
    return request.replace(headers={**request.headers, "Authorization": authorization})


def parse_challenge(header: str) -> tuple[str, dict[str, str]]:
    """Return scheme and parameters of a ``WWW-Authenticate`` header (RFC 9110, section 11.6.1)."""
    import re

    scheme, _, rest = header.strip().partition(" ")
    parameters = {}
    for name, quoted, plain in re.findall(r'([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))', rest):
        parameters[name.lower()] = re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
    return scheme.lower(), parameters


def merged_scopes(text: str) -> list[str]:
    """Return the scopes in ``text``, sorted, with the actions of each resource together (``auth.CleanScopes``)."""
    actions: dict[str, set[str]] = {}
    others = set()
    for scope in text.split():
        resource, colon, wanted = scope.rpartition(":")
        if colon and ":" in resource:
            actions.setdefault(resource, set()).update(action for action in wanted.split(",") if action)
        else:
            others.add(scope)
    cleaned = [
        f"{resource}:{'*' if '*' in wanted else ','.join(sorted(wanted))}"
        for resource, wanted in actions.items()
        if wanted
    ]
    return sorted([*others, *cleaned])
