"""How objects of a release are applied: by the server, or by patches made here (``release.ApplyMethod``)."""

from __future__ import annotations

from pilothouse.actions.errors import InvalidOptions

SERVER_SIDE, CLIENT_SIDE = "ssa", "csa"


def server_side_for(option: str, previous_method: str) -> bool:
    """Return whether the server applies (``getUpgradeServerSideValue``).

    Args:
        option: ``true``, ``false`` or ``auto``.
        previous_method: Method of the revision that ``auto`` follows.

    Raises:
        InvalidOptions: The option is none of these.
    """
    if option == "auto":
        return previous_method == SERVER_SIDE
    if option in ("true", "false"):
        return option == "true"
    raise InvalidOptions(f"invalid/unknown release server-side apply method: {option}")


def method_name(*, server_side: bool, compatibility: int) -> str:
    """Return what a record says of the method; Helm 3's records say nothing."""
    if compatibility == 3:
        return ""
    return SERVER_SIDE if server_side else CLIENT_SIDE
