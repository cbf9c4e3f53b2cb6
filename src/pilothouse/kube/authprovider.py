"""``users[].user.auth-provider`` of a kubeconfig: identity tokens of OpenID Connect; what replaced the others."""

from __future__ import annotations

import base64
import json

from pilothouse.clock import Clock
from pilothouse.errors import Unsupported
from pilothouse.kube.credentials import Credentials
from pilothouse.kube.errors import ConfigInvalid, CredentialsFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue

_REMOVED = {
    "gcp": (
        '"gke-gcloud-auth-plugin"',
        "https://cloud.google.com/blog/products/containers-kubernetes/kubectl-auth-changes-in-gke",
    ),
    "azure": (
        "https://github.com/Azure/kubelogin",
        "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins",
    ),
}
_LEEWAY = 10.0


def provider_credentials(provider: Mapping[str, YamlValue], user: str) -> Credentials:
    """Return the credentials of an ``auth-provider`` entry.

    Raises:
        ConfigInvalid: There is no such provider, or its settings are incomplete.
    """
    name = str(provider.get("name") or "")
    settings = provider.get("config") or {}
    if name == "oidc":
        return IdentityToken(settings, user)
    if name in _REMOVED:
        successor, page = _REMOVED[name]
        raise ConfigInvalid(
            f"The {name} auth plugin has been removed.\n"
            f"Please use the {successor} kubectl/client-go credential plugin instead.\n"
            f"See {page} for further details",
        )
    raise ConfigInvalid(f'no Auth Provider found for name "{name}"')


class IdentityToken(Credentials):
    """The ``id-token`` of an OpenID Connect provider, as long as it is valid; asking for a new one is not done here."""

    def __init__(self, settings: Mapping[str, YamlValue], user: str, clock: Clock | None = None) -> None:
        self._token = str(settings.get("id-token") or "")
        self._user = user
        self._clock = clock or Clock()
        for key in ("idp-issuer-url", "client-id"):
            if not settings.get(key):
                raise ConfigInvalid(f"Must provide {key}")

    def headers(self) -> dict[str, str]:
        """Return the token's header.

        Raises:
            Unsupported: The token expired.
            CredentialsFailed: It is no token.
        """
        if not self._token or self._expiry() < self._clock.now() + _LEEWAY:
            raise Unsupported(
                f'the identity token of user "{self._user}" expired, and refreshing it is not supported',
                hints=("Refresh it with kubectl, or use a credential plugin (exec) in the kubeconfig",),
            )
        return {"Authorization": f"Bearer {self._token}"}

    def _expiry(self) -> float:
        parts = self._token.split(".")
        try:
            claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
            return float(claims.get("exp") or 0)
        except (IndexError, ValueError, TypeError, AttributeError) as error:
            raise CredentialsFailed(f"the id-token is no JSON web token: {error}") from error
