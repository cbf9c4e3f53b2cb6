"""Names of hosts."""

from __future__ import annotations

from pilothouse.golang.functions import FunctionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.sprig.settings import Settings


def get_host_by_name(settings: Settings, name: str) -> str:
    """Return one of a host's addresses at random; nothing where looking up is switched off."""
    if settings.resolve_host is None:
        return ""
    addresses = settings.resolve_host(name)
    if not addresses:
        raise FunctionError("invalid argument to Intn")
    return addresses[settings.random_below(len(addresses))]
