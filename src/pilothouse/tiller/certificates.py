"""The server's certificate, its key and whom it trusts; read again when the files change, so that they can rotate."""

from __future__ import annotations

import os
import threading

import grpc  # type: ignore[import-untyped]  # grpcio ships no types

from pilothouse.errors import Invalid, read_fault
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pilothouse.progress import Reporter


class TlsFiles(Record):
    """The server's certificate and whom it trusts.

    Attributes:
        certificate: The server's chain, PEM.
        key: Its private key, PEM.
        authority: Who signs clients' certificates, PEM; empty when clients need none.
    """

    certificate: bytes
    key: bytes
    authority: bytes = b""

    def __repr__(self) -> str:
        return "TlsFiles(...)"


class TlsPaths(Record):
    """Where they are; an empty ``authority`` means that clients need no certificate."""

    certificate: str
    key: str
    authority: str = ""


class CertificateFiles:
    """Reads the files, and again after they changed.

    Args:
        paths: Where they are.
        reporter: Hears of files that cannot be used; what was there before stays in use then.
    """

    def __init__(self, paths: TlsPaths, reporter: Reporter) -> None:
        self._paths = paths
        self._reporter = reporter
        self._lock = threading.Lock()
        self._stamp = self._state()
        self.files = self._read()

    def changed(self) -> TlsFiles | None:
        """Return the files if they are not what was returned last, none otherwise; asked at every handshake."""
        with self._lock:
            stamp = self._state()
            if stamp == self._stamp:
                return None
            self._stamp = stamp
            try:
                found = self._read()
            except Invalid as error:
                self._reporter.report("main", f"{error.message}; the certificate that was read before stays in use")
                return None
            if found == self.files:
                return None
            self.files = found
            self._reporter.report("main", "TLS certificate and key were read again")
            return found

    def _state(self) -> tuple[tuple[int, int, int], ...]:
        found = []
        for path in (self._paths.certificate, self._paths.key, self._paths.authority):
            try:
                status = os.stat(path)
            except OSError:
                found.append((0, 0, 0))
            else:
                found.append((status.st_mtime_ns, status.st_size, status.st_ino))
        return tuple(found)

    def _read(self) -> TlsFiles:
        try:
            files = TlsFiles(
                certificate=_content(self._paths.certificate),
                key=_content(self._paths.key),
                authority=_content(self._paths.authority) if self._paths.authority else b"",
            )
        except OSError as error:
            raise Invalid(f"Could not create server TLS configuration: {read_fault(error, error.filename)}") from error
        check(files)
        return files


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def check(files: TlsFiles) -> None:
    """Check that certificate and key belong together and that the authority is one.

    Raises:
        Invalid: They do not, or cannot be read.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    start = "Could not create server TLS configuration: "
    try:
        certificate = x509.load_pem_x509_certificates(files.certificate)[0]
        key = load_pem_private_key(files.key, None)
        if files.authority:
            x509.load_pem_x509_certificates(files.authority)
    except (ValueError, TypeError) as error:
        raise Invalid(f"{start}the key or a certificate cannot be used: {error}") from error
    if certificate.public_key() != key.public_key():
        raise Invalid(f"{start}tls: private key does not match public key")


def credentials(files: CertificateFiles | TlsFiles) -> Any:
    """Return what grpcio takes; files that rotate are asked for at every handshake."""
    if isinstance(files, TlsFiles):
        check(files)
        return grpc.ssl_server_credentials(
            [(files.key, files.certificate)],
            root_certificates=files.authority or None,
            require_client_auth=bool(files.authority),
        )

    def configuration(found: TlsFiles) -> Any:
        return grpc.ssl_server_certificate_configuration(
            [(found.key, found.certificate)], root_certificates=found.authority or None
        )

    def fetch() -> Any:
        found = files.changed()
        return None if found is None else configuration(found)

    return grpc.dynamic_ssl_server_credentials(
        configuration(files.files), fetch, require_client_authentication=bool(files.files.authority)
    )
