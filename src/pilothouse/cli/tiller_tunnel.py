"""The way to Tiller's pod for plugins that want it (``setupConnection``), and what ``--debug`` says of it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.cli.session import Session


def with_tunnel(session: Session, work: Callable[[str], None]) -> None:
    """Open the way to Tiller where no host is given, and call with the address that a plugin is told.

    Raises:
        PilothouseError: There is no Tiller in the cluster.
    """
    host = session.settings.host
    if host:
        tell_address(session, host, tunnelled=False)
        work(host)
        return
    tunnel = session.assembly().tiller_tunnel(session.settings.tiller_namespace)
    try:
        tell_address(session, tunnel.address, tunnelled=True)
        work(tunnel.address)
    finally:
        tunnel.close()


def tell_address(session: Session, address: str, *, tunnelled: bool) -> None:
    """Say with ``--debug`` where Tiller is reached."""
    if tunnelled:
        debug(session, f"Created tunnel using local port: '{address.rpartition(':')[2]}'\n")
    debug(session, f'SERVER: "{address}"\n')


def debug(session: Session, text: str) -> None:
    """Print a line of ``--debug`` among the output, as Helm 2 does."""
    if session.settings.debug:
        session.streams.out.line(f"[debug] {text}")
