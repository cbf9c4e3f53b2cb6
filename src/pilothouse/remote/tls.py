"""The client's side of TLS with a Tiller (``tlsutil.ClientConfig``)."""

from __future__ import annotations

import ssl

from pilothouse.errors import read_fault
from pilothouse.records import Record
from pilothouse.remote.errors import TillerUnreachable, TlsFilesInvalid


class ClientTls(Record):
    """Who the client is and whom it trusts.

    Attributes:
        certificate: The client's chain, PEM.
        key: Its private key, PEM.
        authority: Who signed the server's certificate, PEM; empty to take any server.
        server_name: Name that the server's certificate must have, empty for the host's.
    """

    certificate: bytes
    key: bytes
    authority: bytes = b""
    server_name: str = ""

    def __repr__(self) -> str:
        return "ClientTls(...)"


def read_files(certificate: str, key: str, authority: str, *, server_name: str) -> ClientTls:
    """Return what the files hold.

    Args:
        certificate: Path of the client's certificate.
        key: Path of its key.
        authority: Path of the authority, empty to take any server.
        server_name: Name that the server's certificate must have.

    Raises:
        TlsFilesInvalid: A file cannot be read or used; the text is Helm's.
    """
    try:
        pair = (_read(certificate), _read(key))
    except OSError as error:
        raise _no_pair(certificate, key, read_fault(error, error.filename)) from error
    try:
        ssl.create_default_context().load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise _no_pair(certificate, key, f"tls: {error}") from error
    trusted = b""
    if authority:
        try:
            trusted = _read(authority)
        except OSError as error:
            raise TlsFilesInvalid(f"can't read CA file: {authority}") from error
        try:
            ssl.create_default_context(cadata=trusted.decode("ascii", "replace"))
        except (ssl.SSLError, ValueError) as error:
            raise TlsFilesInvalid(f"failed to append certificates from file: {authority}") from error
    return ClientTls(certificate=pair[0], key=pair[1], authority=trusted, server_name=server_name)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _no_pair(certificate: str, key: str, reason: str) -> TlsFilesInvalid:
    return TlsFilesInvalid(
        f'could not read x509 key pair (cert: "{certificate}", key: "{key}"): '
        f"can't load key pair from cert {certificate} and key {key}: {reason}"
    )


def presented_certificate(host: str, port: int, tls: ClientTls, timeout: float) -> tuple[bytes, str]:
    """Return the certificate that a server shows, PEM, and a name that it has, without judging it.

    gRPC cannot be told to take any server, as ``--tls`` without ``--tls-verify`` means; the certificate that is there
    is therefore made the one that is trusted.

    Raises:
        TillerUnreachable: There is no server, or it does not speak TLS.
    """
    import socket
    import tempfile

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with tempfile.NamedTemporaryFile() as file:
        file.write(tls.certificate + b"\n" + tls.key)
        file.flush()
        context.load_cert_chain(file.name)
    try:
        with (
            socket.create_connection((host, port), timeout=timeout) as plain,
            context.wrap_socket(plain, server_hostname=tls.server_name or host) as secured,
        ):
            found = secured.getpeercert(binary_form=True)
    except OSError as error:
        raise TillerUnreachable("context deadline exceeded") from error
    if not found:
        raise TillerUnreachable("context deadline exceeded")
    return ssl.DER_cert_to_PEM_cert(found).encode(), _name_in(found, host)


def _name_in(certificate: bytes, host: str) -> str:
    from cryptography import x509

    read = x509.load_der_x509_certificate(certificate)
    try:
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found = [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
    except x509.ExtensionNotFound:
        found = []
    found += [str(one.value) for one in read.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    return found[0] if found else host
