"""``users[].user.auth-provider`` of a kubeconfig: identity tokens of OpenID Connect; what replaced the others."""

from __future__ import annotations

from pilothouse.kube.errors import ConfigInvalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.environment import Environment
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.kube.credentials import Credentials

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


def provider_credentials(
    provider: Mapping[str, YamlValue], environment: Environment, explicit: str, user: str
) -> Credentials:
    """Return the credentials of an ``auth-provider`` entry.

    Args:
        provider: The entry.
        environment: The process's environment.
        explicit: The kubeconfig that a flag names, if one does.
        user: Whose entry it is.

    Raises:
        ConfigInvalid: There is no such provider, or its settings are incomplete.
    """
    name = str(provider.get("name") or "")
    settings = provider.get("config") or {}
    if name == "oidc":
        from pilothouse.kube.identity_tokens import IdentityToken

        def save(changed: Mapping[str, str]) -> None:
            from pilothouse.kube.kubeconfig_writing import save_provider

            save_provider(environment, explicit, user, changed)

        return IdentityToken(settings, save, environment.variables)
    if name in _REMOVED:
        successor, page = _REMOVED[name]
        raise ConfigInvalid(
            f"The {name} auth plugin has been removed.\n"
            f"Please use the {successor} kubectl/client-go credential plugin instead.\n"
            f"See {page} for further details",
        )
    raise ConfigInvalid(f'no Auth Provider found for name "{name}"')
