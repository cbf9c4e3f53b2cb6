"""Logging in to registries and out of them (``helm registry``)."""

from __future__ import annotations

from pilothouse.errors import Denied
from pilothouse.sources.oci import login as logins
from pilothouse.sources.oci.opening import RegistryOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.environment import Environment
    from pilothouse.progress import Reporter

__all__ = ["PasswordRequired", "RegistryOptions", "ask", "login", "logout"]


class PasswordRequired(Denied):
    """No password or token was given."""

    reference = "password-required"


def ask(username: str, read_line: Callable[[str], str], read_secret: Callable[[str], str]) -> tuple[str, str]:
    """Return user and password, asked for where they are missing (``cmd.getUsernamePassword``).

    Args:
        username: User, empty to ask for one; who then gives none is asked for a token.
        read_line: Reads a line after a prompt.
        read_secret: The same without showing what is typed.

    Raises:
        PasswordRequired: Nothing was given.
    """
    username = username or read_line("Username: ").strip()
    what = "Password" if username else "Token"
    secret = read_secret(f"{what}: ")
    if not secret:
        raise PasswordRequired(f"{what.lower()} required")
    return username, secret


def login(environment: Environment, host: str, options: RegistryOptions, reporter: Reporter) -> None:
    """Check a login with a registry and keep it.

    Raises:
        PilothouseError: The registry does not take it, or cannot be reached.
    """
    if "/" in host and environment.compatibility != 3:
        reporter.warning(
            "registry login currently only supports registry hostname, not a repository path",
            host=host,
            suggested=host.partition("/")[0],
        )
    logins.login(environment, options, host)


def logout(environment: Environment, host: str, config_file: str) -> None:
    """Forget the login of a registry."""
    logins.logout(environment, config_file, host)
