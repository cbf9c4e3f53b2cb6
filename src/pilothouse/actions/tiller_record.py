"""The note in ``HELM_HOME`` of the clusters in which ``helm init`` installed a Tiller.

A record names a context of the kubeconfig and the server that it reaches, so that contexts of one name in two files are
told apart.
"""

from __future__ import annotations

import os

from pilothouse.errors import Invalid
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.environment import Environment

FILE = "tiller.json"


class TillerRecord(Record):
    """A cluster with a Tiller.

    Attributes:
        context: Name of the kubeconfig's context, empty for none.
        server: Address of the API server.
        namespace: Where the Tiller runs.
        tls: Whether it is spoken to with the certificates in ``HELM_HOME``.
    """

    context: str
    server: str
    namespace: str = "kube-system"
    tls: bool = False

    def names(self, place: tuple[str, str]) -> bool:
        """Return whether it is about a context and its server."""
        return (self.context, self.server) == place


def chosen_place(environment: Environment, *, kubeconfig: str = "", context: str = "") -> tuple[str, str]:
    """Return the context and the server that a kubeconfig and ``--kube-context`` choose.

    Raises:
        ConfigInvalid: The kubeconfig cannot be read.
    """
    from pilothouse.kube.config import DEFAULT_SERVER
    from pilothouse.kube.kubeconfig import load

    files = load(environment, kubeconfig)
    name = context or files.current_context
    cluster = files.clusters.get(str(files.contexts.get(name, {}).get("cluster") or ""), {})
    return name, str(cluster.get("server") or DEFAULT_SERVER)


def find_record(environment: Environment, home: str, *, kubeconfig: str = "", context: str = "") -> TillerRecord | None:
    """Return what was recorded for the cluster that is chosen, ``None`` for nothing or an unusable kubeconfig.

    Raises:
        Invalid: The note is damaged.
    """
    known = _read(home)
    if not known:
        return None
    from pilothouse.kube.errors import ConfigInvalid

    try:
        place = chosen_place(environment, kubeconfig=kubeconfig, context=context)
    except ConfigInvalid:
        return None
    return next((one for one in known if one.names(place)), None)


def remember(home: str, record: TillerRecord) -> None:
    """Note that a cluster has a Tiller, in place of what was noted of it before."""
    known = [one for one in _read(home) if not one.names((record.context, record.server))]
    _write(home, [*known, record])


def forget(home: str, place: tuple[str, str]) -> None:
    """Forget that a cluster has a Tiller."""
    known = _read(home)
    left = [one for one in known if not one.names(place)]
    if left != known:
        _write(home, left)


def _read(home: str) -> list[TillerRecord]:
    from pilothouse.formats import json_text
    from pilothouse.formats.errors import FormatError

    path = os.path.join(home, FILE)
    try:
        with open(path, "rb") as file:
            found = json_text.decode_mapping(file.read()).get("tillers")
        return [
            TillerRecord(
                context=str(one["context"]),
                server=str(one["server"]),
                namespace=str(one["namespace"]),
                tls=one["tls"] is True,
            )
            for one in found or ()
        ]
    except FileNotFoundError:
        return []
    except (FormatError, KeyError, TypeError) as error:
        raise Invalid(
            f"{path} is damaged: {error}",
            hints=("remove the file and run helm init again; HELM_COMPAT=4 works without it",),
        ) from error


def _write(home: str, records: list[TillerRecord]) -> None:
    from pilothouse.charts.files import make_folder, write_file
    from pilothouse.formats import json_text

    path = os.path.join(home, FILE)
    if not records:
        if os.path.exists(path):
            os.unlink(path)
        return
    make_folder(home)
    listed = [
        {"context": one.context, "server": one.server, "namespace": one.namespace, "tls": one.tls} for one in records
    ]
    write_file(path, (json_text.encode({"tillers": listed}, indent="  ") + "\n").encode(), 0o600)
