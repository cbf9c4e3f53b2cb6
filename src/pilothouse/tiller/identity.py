"""Who calls: the client certificate and the bearer token of a gRPC call."""

from __future__ import annotations

from pilothouse.actions.errors import CallerUnknown
from pilothouse.actions.tiller_access import Caller, plain
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol

    class PeerContext(Protocol):
        """What grpcio knows of the other end of a call."""

        def peer(self) -> str:
            """Return its address."""

        def auth_context(self) -> Mapping[str, Sequence[bytes]]:
            """Return what its certificate says."""

        def invocation_metadata(self) -> Sequence[tuple[str, str | bytes]]:
            """Return its headers."""


_BEARER = "bearer "
#: Names that the cluster gives to its own parts; a certificate of Tiller's authority must not claim them.
_RESERVED = "system:"


class Peer(Record):
    """The other end of a call.

    Attributes:
        address: Where it comes from.
        certificate: Its certificate, PEM, empty without one.
        token: Its bearer token, empty without one.
    """

    address: str
    certificate: bytes = b""
    token: str = ""

    def __repr__(self) -> str:
        return f"Peer(address={self.address!r})"


def peer_of(context: PeerContext) -> Peer:
    """Return what a call says of its sender."""
    certificates = context.auth_context().get("x509_pem_cert") or (b"",)
    token = ""
    for key, value in context.invocation_metadata():
        if key == "authorization" and isinstance(value, str) and value[: len(_BEARER)].lower() == _BEARER:
            token = value[len(_BEARER) :].strip()
    return Peer(address=context.peer(), certificate=certificates[0], token=token)


def certified(certificate: bytes) -> Caller:
    """Return the user that a client certificate names, as Kubernetes reads them: CN is the user, O are groups.

    Raises:
        CallerUnknown: It names nobody.
    """
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        subject = x509.load_pem_x509_certificate(certificate).subject
        names = [str(one.value) for one in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        groups = [str(one.value) for one in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    except ValueError as error:
        raise CallerUnknown("the client certificate cannot be read") from error
    if not names or not names[-1].strip():
        raise CallerUnknown("the client certificate names no user: its subject has no common name")
    return Caller(user=names[-1], groups=tuple(groups))


def trusted(caller: Caller) -> Caller:
    """Return a caller that a certificate names, if it is nobody whom the cluster itself names.

    Raises:
        CallerUnknown: User or group begin with ``system:``, or could be taken for others.
    """
    for name in (caller.user, *caller.groups):
        if name.startswith(_RESERVED):
            raise CallerUnknown(f'the client certificate claims "{name}", which only the cluster may give to somebody')
    return plain(caller)
