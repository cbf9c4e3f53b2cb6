"""Identity tokens of OpenID Connect: ``auth-provider: oidc``, client-go's ``plugin/pkg/client/auth/oidc``."""

from __future__ import annotations

import base64
import binascii
import json
from threading import Lock

from pilothouse.clock import Clock
from pilothouse.errors import PilothouseError
from pilothouse.golang.quoting import quote
from pilothouse.kube.credentials import Credentials
from pilothouse.kube.errors import ConfigInvalid, LoginFailed
from pilothouse.transport.auth import basic
from pilothouse.transport.client import HttpClient, HttpRequest
from pilothouse.transport.tls import TlsFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.transport.client import HttpResponse

_LEEWAY = 10.0
_LIMIT = 1 << 20
_WITHOUT = (
    'token response did not contain an id_token, either the scope "openid" wasn\'t requested upon login, '
    "or the provider doesn't support id_tokens as part of the refresh response"
)


class IdentityToken(Credentials):
    """The ``id-token`` of a provider; when it expired, a new one is had with the ``refresh-token`` and kept.

    Args:
        settings: The provider's settings in the kubeconfig.
        save: Keeps changed settings.
        variables: The environment, for proxies.
        clock: Tells whether a token expired.
    """

    def __init__(
        self,
        settings: Mapping[str, YamlValue],
        save: Callable[[Mapping[str, str]], None],
        variables: Mapping[str, str],
        clock: Clock | None = None,
    ) -> None:
        self._settings = {name: str(value or "") for name, value in settings.items()}
        self._save = save
        self._variables = variables
        self._clock = clock or Clock()
        self._lock = Lock()
        for key in ("idp-issuer-url", "client-id"):
            if not self._settings.get(key):
                raise ConfigInvalid(f"Must provide {key}")
        self._authorities = b""
        try:
            self._authorities = base64.b64decode(self._settings.get("idp-certificate-authority-data", ""))
        except (binascii.Error, ValueError) as error:
            raise ConfigInvalid(f"illegal base64 data in idp-certificate-authority-data: {error}") from error

    def headers(self) -> dict[str, str]:
        """Return the header of a token that is valid.

        Raises:
            LoginFailed: There is none, and no way to have one.
        """
        with self._lock:
            token = self._settings.get("id-token", "")
            if not token or _expiry(token) <= self._clock.now() + _LEEWAY:
                token = self._refreshed()
        return {"Authorization": f"Bearer {token}"}

    def _refreshed(self) -> str:
        refresh = self._settings.get("refresh-token", "")
        if not refresh:
            raise LoginFailed("No valid id-token, and cannot refresh without refresh-token")
        with_files = TlsFiles(
            ca_file=self._settings.get("idp-certificate-authority", ""), authorities=self._authorities
        )
        client = HttpClient(self._variables, with_files)
        try:
            answer = self._asked(client, _token_endpoint(client, self._settings["idp-issuer-url"]), refresh)
        except PilothouseError as error:
            if isinstance(error, LoginFailed):
                raise
            raise LoginFailed(error.message) from error
        finally:
            client.close()
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise LoginFailed(_WITHOUT)
        changed = {**self._settings, "id-token": token}
        newer = answer.get("refresh_token")
        if isinstance(newer, str) and newer:
            changed["refresh-token"] = newer
        try:
            self._save(changed)
        except (PilothouseError, OSError) as error:
            raise LoginFailed(f"could not persist new tokens: {error}") from error
        self._settings = changed
        return token

    def _asked(self, client: HttpClient, endpoint: str, refresh: str) -> Mapping[str, YamlValue]:
        """Ask for new tokens: with the client's name in a header, and in the form where that is refused."""
        from urllib.parse import quote_plus, urlencode

        client_id, secret = self._settings["client-id"], self._settings.get("client-secret", "")
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        login = {"Authorization": basic(quote_plus(client_id), quote_plus(secret))}
        in_form = {"client_id": client_id, **({"client_secret": secret} if secret else {}), **form}
        answer: Mapping[str, YamlValue] = {}
        for headers, fields in ((login, form), ({}, in_form)):
            request = HttpRequest(
                url=endpoint,
                method="POST",
                headers={"Content-Type": "application/x-www-form-urlencoded", **headers},
                body=urlencode(fields).encode(),
            )
            answer, fault = _answer(client.send(request))
            if not fault:
                return answer
        raise LoginFailed(f"failed to refresh token: {fault}")


def _answer(response: HttpResponse) -> tuple[Mapping[str, YamlValue], str]:
    """Return what a token endpoint says, and what is wrong with it (``oauth2.RetrieveError``)."""
    from urllib.parse import parse_qsl

    content = response.read(_LIMIT)
    kind = response.headers.get("content-type", "").partition(";")[0].strip()
    said: Mapping[str, YamlValue]
    if kind in ("application/x-www-form-urlencoded", "text/plain"):
        said = dict(parse_qsl(content.decode("utf-8", "replace")))
    else:
        try:
            decoded = json.loads(content)
        except ValueError as error:
            if response.status // 100 == 2:
                return {}, f"oauth2: cannot parse json: {error}"
            decoded = {}
        said = decoded if isinstance(decoded, dict) else {}
    problem = str(said.get("error") or "")
    if problem:
        detail = str(said.get("error_description") or "")
        page = str(said.get("error_uri") or "")
        parts = [quote(problem), *([quote(detail)] if detail else []), *([quote(page)] if page else [])]
        return {}, f"oauth2: {' '.join(parts)}"
    if response.status // 100 != 2:
        shown = content.decode("utf-8", "replace")
        return {}, f"oauth2: cannot fetch token: {response.status} {response.reason}\nResponse: {shown}"
    return (said, "") if said.get("access_token") else ({}, "oauth2: server response missing access_token")


def _token_endpoint(client: HttpClient, issuer: str) -> str:
    """Return where a provider gives tokens out (``tokenEndpoint``)."""
    response = client.send(HttpRequest(url=f"{issuer.removesuffix('/')}/.well-known/openid-configuration"))
    content = response.read(_LIMIT)
    if response.status != 200:
        shown = content.decode("utf-8", "replace")
        shown = f"{shown[:80]}..." if len(content) > 80 else shown
        status = f"{response.status} {response.reason}"
        raise LoginFailed(f"oidc: failed to query metadata endpoint {status}: {quote(shown)}")
    try:
        found = json.loads(content)
    except ValueError as error:
        raise LoginFailed(f"oidc: failed to decode provider discovery object: {error}") from error
    endpoint = found.get("token_endpoint") if isinstance(found, dict) else None
    if not isinstance(endpoint, str) or not endpoint:
        raise LoginFailed("oidc: discovery object doesn't contain a token_endpoint")
    return endpoint


def _expiry(token: str) -> float:
    """Return when a token ends (``idTokenExpired``)."""
    parts = token.split(".")
    if len(parts) != 3:
        raise LoginFailed("ID Token is not a valid JWT")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return float(claims.get("exp") or 0)
    except (ValueError, TypeError, AttributeError) as error:
        raise LoginFailed(f"parsing claims: {error}") from error
