"""The connection to Tiller that a command needs, as its flags say (``setupConnection``)."""

from __future__ import annotations

import os

from pilothouse.cli.settings import expanded
from pilothouse.cli.tiller_tunnel import tell_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.tiller_connection import ConnectionOptions, TillerClient
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation


def tiller(session: Session, invocation: Invocation) -> TillerClient:
    """Return a client of Tiller, to be used as a context; nothing is sent yet.

    Raises:
        PilothouseError: There is no Tiller in the cluster.
    """
    _warn_of_old_repositories(session)
    client = session.assembly().tiller_client(connection_options(session, invocation))
    tell_address(session, client.address, tunnelled=not session.settings.host)
    return client


#: Default repositories that are gone, in the order in which Helm 2 looks, and where they are now.
_MOVED = {
    "stable": ("kubernetes-charts.storage.googleapis.com", "https://charts.helm.sh/stable"),
    "incubator": ("kubernetes-charts-incubator.storage.googleapis.com", "https://charts.helm.sh/incubator"),
}


def _warn_of_old_repositories(session: Session) -> None:
    """Tell of default repositories that are gone; the first one that is not configured ends the search."""
    try:
        with open(session.settings.repository_config, encoding="utf-8", errors="replace") as file:
            if ".storage.googleapis.com" not in file.read():
                return
    except OSError:
        return
    from pilothouse.actions.repo import repositories
    from pilothouse.cli.places import places

    known = {entry.name: entry.url for entry in repositories(places(session), helm=3)}
    for name, (host, instead) in _MOVED.items():
        if name not in known:
            return
        if host in known[name]:
            session.streams.warn(f'WARNING: "{host}" is deprecated for "{name}" and will be deleted Nov. 13, 2020.')
            session.streams.warn(f'WARNING: You should switch to "{instead}"')


def connection_options(session: Session, invocation: Invocation) -> ConnectionOptions:
    """Return how Tiller is to be reached."""
    from pilothouse.actions.tiller_connection import ConnectionOptions

    chosen = session.settings
    asked = invocation.flag("tls") or invocation.flag("tls-verify")
    known = not asked and _is_secured(session)
    return ConnectionOptions(
        host=chosen.host,
        namespace=chosen.tiller_namespace,
        timeout=chosen.tiller_connection_timeout,
        tls=asked or known,
        verify=invocation.flag("tls-verify") or known,
        certificate=_path(session, invocation, "tls-cert", "cert.pem"),
        key=_path(session, invocation, "tls-key", "key.pem"),
        authority=_path(session, invocation, "tls-ca-cert", "ca.pem"),
        server_name=invocation.text("tls-hostname"),
    )


def _is_secured(session: Session) -> bool:
    """Return whether ``helm init`` made certificates for the Tiller of this cluster."""
    from pilothouse.actions.tiller_record import find_record

    chosen = session.settings
    if chosen.host:
        return False
    record = find_record(session.environment, chosen.home, kubeconfig=session.kubeconfig(), context=chosen.kube_context)
    return record is not None and record.tls


def _path(session: Session, invocation: Invocation, flag: str, name: str) -> str:
    given = invocation.text(flag)
    if given in ("", f"$HELM_HOME/{name}"):
        return os.path.join(session.settings.home, name)
    return expanded(given, session.environment)
