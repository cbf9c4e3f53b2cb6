"""TLS as strict as Go's, and its failures in the words of ``crypto/tls`` and ``crypto/x509``."""

from __future__ import annotations

import os
import ssl

from pilothouse.errors import read_fault
from pilothouse.records import Record
from pilothouse.transport.errors import TlsInvalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable


class TlsSettings(Record):
    """Whom to trust and as whom to appear.

    Attributes:
        authorities: PEM certificates to trust; none for the system's.
        verify: Whether the server's certificate is checked.
        certificate: PEM of the client's certificate, empty for none.
        key: PEM of its key; ``repr`` never shows it.
    """

    authorities: bytes | None = None
    verify: bool = True
    certificate: bytes = b""
    key: bytes = b""

    def __repr__(self) -> str:
        return f"TlsSettings(verify={self.verify}, client_certificate={bool(self.certificate)})"


def make_context(settings: TlsSettings) -> ssl.SSLContext:
    """Return the context for connections to one server.

    Raises:
        TlsInvalid: A certificate or key is no PEM, or they do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # Go trusts what it is given, whether self-signed or not
    context.set_alpn_protocols(["http/1.1"])
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif settings.authorities is None:
        context.load_default_certs()
    else:
        try:
            context.load_verify_locations(cadata=settings.authorities.decode("ascii"))
        except (ssl.SSLError, UnicodeDecodeError, ValueError) as error:
            text = "unable to load root certificates: unable to parse bytes as PEM block"
            raise TlsInvalid(text) from error
    if settings.certificate:
        _load_client_certificate(context, settings)
    return context


def _load_client_certificate(context: ssl.SSLContext, settings: TlsSettings) -> None:
    """Hand certificate and key over; ``ssl`` takes them from a file alone, which stays in memory where it can."""
    content = settings.certificate.rstrip() + b"\n" + settings.key
    try:
        with_file(content, context.load_cert_chain)
    except ssl.SSLError as error:
        reason = error.reason or ""
        if reason == "KEY_VALUES_MISMATCH":
            text = "tls: private key does not match public key"
        elif b"PRIVATE KEY" not in settings.key and b"-----BEGIN CERTIFICATE" in settings.key:
            text = "tls: found a certificate rather than a key in the PEM for the private key"
        elif b"-----BEGIN CERTIFICATE" in settings.certificate and b"PRIVATE KEY" not in settings.key:
            text = "tls: failed to find any PEM data in key input"
        else:
            text = "tls: failed to find any PEM data in certificate input"
        raise TlsInvalid(text) from error


def with_file(content: bytes, use: Callable[[str], None]) -> None:
    """Call ``use`` with the path of a file that holds ``content`` and that no other user can read."""
    if hasattr(os, "memfd_create") and os.path.isdir("/proc/self/fd"):
        descriptor = os.memfd_create("certificate", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, content)
            use(f"/proc/self/fd/{descriptor}")
        finally:
            os.close(descriptor)
        return
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        use(file.name)


_VERIFY_TEXTS = {
    2: "certificate signed by unknown authority",
    18: "certificate signed by unknown authority",
    19: "certificate signed by unknown authority",
    20: "certificate signed by unknown authority",
    21: "certificate signed by unknown authority",
    24: "certificate signed by unknown authority",
    26: "certificate specifies an incompatible key usage",
}
_DATES = (9, 10)
_NAMES = (62, 64)


def failure_text(error: BaseException, host: str, port: int, name: str) -> str:
    """Return what Go says about a handshake that failed.

    Args:
        error: What ``ssl`` raised.
        host: Server, which is asked again for its certificate where the text names what is in it.
        port: Its port.
        name: Name that the certificate was checked for.
    """
    if not isinstance(error, ssl.SSLCertVerificationError):
        return alert_text(error)
    code = error.verify_code
    detail = _VERIFY_TEXTS.get(code, "")
    if code in _NAMES or code in _DATES:
        certificate = _server_certificate(host, port, name)
        if certificate is not None:
            detail = _names_text(certificate, name) if code in _NAMES else _dates_text(certificate)
    detail = detail or error.verify_message
    return f"tls: failed to verify certificate: x509: {detail}"


_ALERTS = {
    "WRONG_VERSION_NUMBER": "http: server gave HTTP response to HTTPS client",
    "HTTP_REQUEST": "http: server gave HTTP response to HTTPS client",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "remote error: tls: certificate required",
    "TLSV1_ALERT_INTERNAL_ERROR": "remote error: tls: internal error",
    "TLSV1_ALERT_PROTOCOL_VERSION": "remote error: tls: protocol version not supported",
    "TLSV1_ALERT_UNKNOWN_CA": "remote error: tls: unknown certificate authority",
    "TLSV1_UNRECOGNIZED_NAME": "remote error: tls: unrecognized name",
    "SSLV3_ALERT_BAD_CERTIFICATE": "remote error: tls: bad certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "remote error: tls: expired certificate",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "remote error: tls: handshake failure",
    "UNEXPECTED_EOF_WHILE_READING": "EOF",
}


def alert_text(error: BaseException) -> str:
    """Return what Go says about a TLS failure other than a bad certificate."""
    reason = getattr(error, "reason", "") or ""
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "EOF"
    return _ALERTS.get(reason) or f"tls: {reason.lower().replace('_', ' ') or error}"


def _server_certificate(host: str, port: int, name: str) -> bytes | None:
    """Return the certificate that a server shows, in DER, without trusting it."""
    import socket as sockets

    context = make_context(TlsSettings(verify=False))
    try:
        plain: socket.socket = sockets.create_connection((host, port), 5)
        with plain, context.wrap_socket(plain, server_hostname=name) as secure:
            return secure.getpeercert(binary_form=True)
    except OSError:
        return None


def _names_text(certificate: bytes, name: str) -> str:
    """Return the text of Go's ``x509.HostnameError``."""
    from cryptography import x509

    parsed = x509.load_der_x509_certificate(certificate)
    try:
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        hosts = names.get_values_for_type(x509.DNSName)
        addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    except x509.ExtensionNotFound:
        hosts, addresses = [], []
    is_address = ":" in name or name.replace(".", "").isdigit()
    if is_address:
        if not addresses:
            return f"cannot validate certificate for {name} because it doesn't contain any IP SANs"
        return f"certificate is valid for {', '.join(addresses)}, not {name}"
    if not hosts and not addresses and parsed.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME):
        return "certificate relies on legacy Common Name field, use SANs instead"
    if not hosts:
        return f"certificate is not valid for any names, but wanted to match {name}"
    return f"certificate is valid for {', '.join(hosts)}, not {name}"


def _dates_text(certificate: bytes) -> str:
    """Return the text of Go's ``x509.CertificateInvalidError`` for reason ``Expired``."""
    from cryptography import x509

    from pilothouse.clock import Clock

    parsed = x509.load_der_x509_certificate(certificate)
    now = Clock().now()
    if now < parsed.not_valid_before_utc.timestamp():
        relation, limit = "before", parsed.not_valid_before_utc.timestamp()
    else:
        relation, limit = "after", parsed.not_valid_after_utc.timestamp()
    text = f"current time {_rfc3339(now)} is {relation} {_rfc3339(limit)}"
    return f"certificate has expired or is not yet valid: {text}"


def _rfc3339(seconds: float) -> str:
    import time

    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class TlsFiles(Record):
    """Certificates and keys by path, as Helm's flags name them.

    Attributes:
        ca_file: Certificates to trust in place of the system's.
        certificate_file: The client's certificate.
        key_file: Its key.
        verify: Whether the server's certificate is checked.
        helm: Helm generation whose rules and texts hold (``internal/tlsutil``).
        authorities: Certificates to trust, when they come in no file.
    """

    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""
    verify: bool = True
    helm: int = 4
    authorities: bytes = b""

    def context(self) -> ssl.SSLContext:
        """Return the context for connections with these files.

        Raises:
            TlsInvalid: A file cannot be read or used.
        """
        faults: list[str] = []
        certificate, key = self._key_pair(faults)
        authorities = self._authorities(faults) if self.ca_file else self.authorities or None
        if faults:
            raise TlsInvalid(_UNUSABLE + "\n".join(faults if self.helm >= 4 else faults[:1]))
        found = TlsSettings(verify=self.verify, certificate=certificate, key=key)
        try:
            context = make_context(found.replace(authorities=authorities) if self.verify else found)
        except TlsInvalid as error:
            raise TlsInvalid(_UNUSABLE + self._fault(error.message)) from error
        return context

    def _key_pair(self, faults: list[str]) -> tuple[bytes, bytes]:
        """Return certificate and key; one without the other counts only with other certificates, and in Helm 4."""
        pair = (self.certificate_file, self.key_file)
        if not any(pair) or (not all(pair) and (self.helm == 3 or not (self.ca_file or not self.verify))):
            return b"", b""
        content: list[bytes] = []
        for path, what in zip(pair, ("cert", "key"), strict=True):
            data, fault = read_file(path)
            if fault:
                whole = f"can't load key pair from cert {pair[0]} and key {pair[1]}: {fault}"
                faults.append(whole if self.helm == 3 else f'unable to read {what} file: "{path}": {fault}')
                return b"", b""
            content.append(data)
        return content[0], content[1]

    def _authorities(self, faults: list[str]) -> bytes:
        data, fault = read_file(self.ca_file)
        if fault:
            shown = self.ca_file if self.helm == 3 else f'"{self.ca_file}": {fault}'
            faults.append(f"can't read CA file: {shown}")
        return data

    def _fault(self, text: str) -> str:
        """Return what Helm says of content that is no certificate or key."""
        if "root certificates" in text:
            where = f"file: {self.ca_file}" if self.helm == 3 else "pem block"
            return f"failed to append certificates from {where}"
        if self.helm == 3:
            return f"can't load key pair from cert {self.certificate_file} and key {self.key_file}: {text}"
        return f"unable to load cert from key pair: {text}"


_UNUSABLE = "can't create TLS config for client: "


def read_file(path: str) -> tuple[bytes, str]:
    """Return what is in a file, and why it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(), ""
    except OSError as error:
        return b"", read_fault(error, path)
