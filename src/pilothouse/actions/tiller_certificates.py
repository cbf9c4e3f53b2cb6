"""The keys of a Tiller and of its clients: made by ``helm init``, kept in ``HELM_HOME``, renewed by ``--upgrade``.

``HELM_HOME`` holds the authority's certificate and key, and the client's. The server's key is only in the Secret.
"""

from __future__ import annotations

import datetime as dt
import os

from pilothouse.actions.tiller_deployment import ServerFiles
from pilothouse.errors import Exists, Invalid
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Names of the files in ``HELM_HOME``.
AUTHORITY, AUTHORITY_KEY, CERTIFICATE, KEY = "ca.pem", "ca-key.pem", "cert.pem", "key.pem"
_AUTHORITY_DAYS = 3650
_LEAF_DAYS = 730
#: An authority that ends sooner than the certificates it would sign is made anew.
_LEEWAY = dt.timedelta(hours=1)


class Certificates(Record):
    """The keys of one Tiller and its client.

    Attributes:
        server: What goes into the Secret.
        files: What goes into ``HELM_HOME``, by name.
    """

    server: ServerFiles
    files: dict[str, bytes]

    def __repr__(self) -> str:
        return "Certificates(...)"

    def save(self, home: str) -> None:
        """Write the client's part into ``HELM_HOME``, readable by the user alone."""
        from pilothouse.charts.files import make_folder, write_file

        make_folder(home)
        for name, data in self.files.items():
            write_file(os.path.join(home, name), data, 0o600)


def make(home: str, namespace: str, now: float) -> Certificates:
    """Return new certificates for a Tiller and its client, signed by the authority in ``HELM_HOME`` or by a new one.

    Args:
        home: ``HELM_HOME``.
        namespace: Where the Tiller runs; its Service has a name there.
        now: Seconds since 1970.

    Raises:
        Exists: ``HELM_HOME`` holds a certificate that was not made here.
        Invalid: The authority there cannot be read.
    """
    moment = dt.datetime.fromtimestamp(int(now), dt.UTC)
    authority = _read_authority(home, moment) or _new_authority(moment)
    service = f"tiller-deploy.{namespace}"
    names = ("tiller-server", "localhost", "127.0.0.1", "tiller-deploy", service, f"{service}.svc")
    certificate, key = _leaf(authority, "tiller-server", moment, names=names)
    mine, own_key = _leaf(authority, "helm-client", moment)
    trusted = _pem(authority[0])
    return Certificates(
        server=ServerFiles(certificate=certificate, key=key, authority=trusted),
        files={
            AUTHORITY: trusted,
            AUTHORITY_KEY: _private_pem(authority[1]),
            CERTIFICATE: mine,
            KEY: own_key,
        },
    )


def _read_authority(home: str, now: dt.datetime) -> tuple[Any, Any] | None:
    """Return the certificate and the key of the authority in ``HELM_HOME``, none when there is none that lasts."""
    path = os.path.join(home, AUTHORITY_KEY)
    if not os.path.exists(path):
        for name in (CERTIFICATE, AUTHORITY, KEY):
            if os.path.exists(os.path.join(home, name)):
                raise Exists(
                    f"{os.path.join(home, name)} exists, and the key of its authority is not there to sign with",
                    hints=("move the file away to have new ones made, or name yours with --tiller-tls-verify",),
                )
        return None
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        with open(os.path.join(home, AUTHORITY), "rb") as file:
            certificate = x509.load_pem_x509_certificate(file.read())
        with open(path, "rb") as file:
            key = load_pem_private_key(file.read(), None)
    except (OSError, ValueError, TypeError) as error:
        raise Invalid(
            f"the authority in {home} cannot be used: {error}",
            hints=(f"move {AUTHORITY} and {AUTHORITY_KEY} away to have a new one made",),
        ) from error
    lasts = certificate.not_valid_after_utc - dt.timedelta(days=_LEAF_DAYS) > now
    return (certificate, key) if lasts else None


def _new_authority(now: dt.datetime) -> tuple[Any, Any]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tiller-authority")])
    certificate = (
        _builder(name, name, key.public_key(), now, _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def _leaf(
    authority: tuple[Any, Any], common_name: str, now: dt.datetime, *, names: tuple[str, ...] = ()
) -> tuple[bytes, bytes]:
    """Return a certificate and its key; with ``names`` it is a server's, without a client's."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    signer, signing_key = authority
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if names else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = (
        _builder(subject, signer.subject, key.public_key(), now, _LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_general_name, names))), critical=False)
    return _pem(builder.sign(signing_key, hashes.SHA256())), _private_pem(key)


def _builder(subject: Any, issuer: Any, key: Any, now: dt.datetime, days: int) -> Any:
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LEEWAY)
        .not_valid_after(now + dt.timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> Any:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> Any:
    import ipaddress

    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    found: bytes = certificate.public_bytes(Encoding.PEM)
    return found


def _private_pem(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    found: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return found
