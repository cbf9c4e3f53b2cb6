"""Private keys and certificates, written as Go's ``crypto/x509`` writes them."""

from __future__ import annotations

from pilothouse.golang.functions import FunctionError
from pilothouse.sprig.encoding import CorruptInput, decode_base64
from pilothouse.sprig.text import from_bytes, printed, to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from cryptography import x509

    from pilothouse.golang.kinds import GoValue
    from pilothouse.sprig.settings import Settings

    PrivateKey = Any  # of RSA, DSA, an elliptic curve or Ed25519

_RSA_BITS = 2048
_LABEL = " PRIVATE KEY"


class Certificate:
    """Go's ``sprig.certificate``: a certificate and its key as PEM."""

    __slots__ = ("cert", "key")

    go_type = "sprig.certificate"
    go_kind = "struct"
    go_fields = {"Cert": "cert", "Key": "key"}

    def __init__(self, cert: str, key: str) -> None:
        self.cert = cert
        self.key = key

    def go_json(self) -> dict[str, str]:
        """Return how JSON shows the pair."""
        return {"Cert": self.cert, "Key": self.key}


def gen_private_key(_settings: Settings, kind: str) -> str:
    """Return a new private key as PEM; an unknown kind is told as text."""
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa

    if kind in ("", "rsa"):
        return _key_pem(rsa.generate_private_key(65537, 4096))
    if kind == "dsa":
        return _key_pem(dsa.generate_private_key(2048))
    if kind == "ecdsa":
        return _key_pem(ec.generate_private_key(ec.SECP256R1()))
    if kind == "ed25519":
        return _key_pem(ed25519.Ed25519PrivateKey.generate())
    return f"Unknown type {kind}"


def build_custom_cert(_settings: Settings, certificate: str, key: str) -> Certificate:
    """Return a pair from certificate and key in base 64 of PEM."""
    pair = []
    for text, name in ((certificate, "certificate"), (key, "private key")):
        try:
            pair.append(decode_base64(text))
        except CorruptInput:
            raise FunctionError(f"unable to decode base64 {name}") from None
    cert_pem, key_pem = map(from_bytes, pair)
    _read_certificate(cert_pem, "decodedCert")
    _given_key(key_pem, "error parsing private key")
    return Certificate(cert_pem, key_pem)


def gen_ca(settings: Settings, name: str, days: int) -> Certificate:
    """Return a new certificate authority."""
    return _authority(settings, name, days, _new_key())


def gen_ca_with_key(settings: Settings, name: str, days: int, key: str) -> Certificate:
    """Return a new certificate authority with a given key."""
    return _authority(settings, name, days, _given_key(key))


def gen_self_signed_cert(
    settings: Settings, name: str, ips: list[GoValue] | None, hosts: list[GoValue] | None, days: int
) -> Certificate:
    """Return a new certificate that its own key signs."""
    return _self_signed(settings, name, (ips, hosts), days, _new_key())


def gen_self_signed_cert_with_key(
    settings: Settings, name: str, ips: list[GoValue] | None, hosts: list[GoValue] | None, days: int, key: str
) -> Certificate:
    """Return a certificate that the given key signs."""
    return _self_signed(settings, name, (ips, hosts), days, _given_key(key))


def gen_signed_cert(
    settings: Settings, name: str, ips: list[GoValue] | None, hosts: list[GoValue] | None, days: int, ca: Certificate
) -> Certificate:
    """Return a new certificate that an authority signs."""
    return _signed(settings, name, (ips, hosts), days, ca, _new_key())


def gen_signed_cert_with_key(
    settings: Settings,
    name: str,
    ips: list[GoValue] | None,
    hosts: list[GoValue] | None,
    days: int,
    ca: Certificate,
    key: str,
) -> Certificate:
    """Return a certificate for the given key that an authority signs."""
    return _signed(settings, name, (ips, hosts), days, ca, _given_key(key))


def _new_key() -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(65537, _RSA_BITS)


def _given_key(pem: str, doing: str = "parsing private key") -> PrivateKey:
    try:
        return read_private_key(pem)
    except FunctionError as error:
        raise FunctionError(f"{doing}: {error.message}") from None


def _authority(settings: Settings, name: str, days: int, key: PrivateKey) -> Certificate:
    from pilothouse.sprig.x509 import CertificateRequest, create_certificate

    request = CertificateRequest(settings, name, days, is_authority=True)
    return Certificate(create_certificate(request, key, key, None), _key_pem(key))


_Names = tuple["list[GoValue] | None", "list[GoValue] | None"]


def _self_signed(settings: Settings, name: str, names: _Names, days: int, key: PrivateKey) -> Certificate:
    from pilothouse.sprig.x509 import CertificateRequest, create_certificate

    request = CertificateRequest(settings, name, days, ips=_addresses(names[0]), hosts=_host_names(names[1]))
    return Certificate(create_certificate(request, key, key, None), _key_pem(key))


def _signed(settings: Settings, name: str, names: _Names, days: int, ca: Certificate, key: PrivateKey) -> Certificate:
    from pilothouse.sprig.x509 import CertificateRequest, create_certificate

    parent = _read_certificate(ca.cert, "decodedSignerCert")
    signing_key = _given_key(ca.key, "error parsing private key")
    request = CertificateRequest(settings, name, days, ips=_addresses(names[0]), hosts=_host_names(names[1]))
    return Certificate(create_certificate(request, key, signing_key, parent), _key_pem(key))


def _addresses(ips: list[GoValue] | None) -> list[bytes]:
    from ipaddress import ip_address

    found = []
    for ip in ips or ():
        if not isinstance(ip, str):
            raise FunctionError(f"error parsing ip: {printed(ip)} is not a string")
        try:
            address = ip_address(ip if "%" not in ip else "")
        except ValueError:
            raise FunctionError(f"error parsing ip: {ip}") from None
        mapped = getattr(address, "ipv4_mapped", None)
        found.append((mapped or address).packed)
    return found


def _host_names(hosts: list[GoValue] | None) -> list[bytes]:
    found = []
    for host in hosts or ():
        if not isinstance(host, str):
            raise FunctionError(f"error processing alternate dns name: {printed(host)} is not a string")
        found.append(to_bytes(host))
    return found


def _key_pem(key: PrivateKey) -> str:
    from cryptography.hazmat.primitives.asymmetric import ed25519
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    form = PrivateFormat.PKCS8 if isinstance(key, ed25519.Ed25519PrivateKey) else PrivateFormat.TraditionalOpenSSL
    pem: bytes = key.private_bytes(Encoding.PEM, form, NoEncryption())
    return pem.decode("ascii")


def read_pem(text: str) -> tuple[str, bytes] | None:
    """Return label and content of the first block of PEM, or None (pem.Decode)."""
    import re

    block = re.search(
        r"(?:\A|\n)-----BEGIN ([^\n]*?)-----[ \t\r]*\n((?:[^\n:]+:[^\n]*\n)*)([^:]*?)-----END \1-----[ \t\r]*(?:\n|\Z)",
        text,
    )
    if block is None:
        return None
    try:
        return block[1], decode_base64("".join(block[3].split()))
    except CorruptInput:
        return None


def _read_certificate(pem: str, name: str) -> x509.Certificate:
    from cryptography.x509 import load_der_x509_certificate

    block = read_pem(pem)
    if block is None:
        raise FunctionError("unable to decode certificate")
    try:
        return load_der_x509_certificate(block[1])
    except ValueError:
        raise FunctionError(f"error parsing certificate: {name}.Bytes: x509: malformed certificate") from None


def read_private_key(pem: str) -> PrivateKey:
    """Read a private key from PEM (sprig's parsePrivateKeyPEM)."""
    block = read_pem(pem)
    if block is None:
        raise FunctionError("no PEM data in input")
    label, data = block
    if label == "PRIVATE KEY":
        return _load(data, "decoding PEM as PKCS#8", "PRIVATE KEY")
    if not label.endswith(_LABEL):
        raise FunctionError(f"no private key data in PEM block of type {label}")
    kind = label.removesuffix(_LABEL)
    if kind not in ("RSA", "EC", "DSA"):
        raise FunctionError(f"invalid private key type {label}")
    doing = f"parsing {kind} private key from PEM"
    return _load(data, f"{doing}: x509: failed to parse EC private key" if kind == "EC" else doing, label)


def _load(data: bytes, doing: str, label: str) -> PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

    from pilothouse.sprig.x509 import write_pem

    try:
        return load_pem_private_key(write_pem(label, data).encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        pass
    try:
        load_der_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise FunctionError(f"{doing}: asn1: {_fault(data)}") from None
    raise FunctionError(f"{doing}: x509: failed to parse private key (use another format for this key)")


def _fault(data: bytes) -> str:
    """Return what encoding/asn1 says first about data that are no key."""
    if len(data) < 2:
        return "syntax error: truncated tag or length"
    size, start = data[1], 2
    if size > 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[2:start], "big")
    return "syntax error: data truncated" if start + size > len(data) else "structure error: malformed private key"
