"""X.509 certificates in DER, as Go's ``x509.CreateCertificate`` builds them from sprig's template."""

from __future__ import annotations

from pilothouse.golang.durations import HOUR, SECOND
from pilothouse.golang.functions import FunctionError
from pilothouse.golang.numbers import wrapped
from pilothouse.golang.times import Time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from cryptography import x509

    from pilothouse.sprig.settings import Settings

    PrivateKey = Any
    PublicKey = Any

_DAY = 24 * HOUR

_INTEGER, _BIT_STRING, _OCTET_STRING, _OID, _UTF8, _SEQUENCE, _SET = 0x02, 0x03, 0x04, 0x06, 0x0C, 0x30, 0x31
_PRINTABLE, _UTC_TIME, _GENERALIZED_TIME = 0x13, 0x17, 0x18
_TRUE = b"\x01\x01\xff"
_PRINTABLE_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?")

_COMMON_NAME = "2.5.4.3"
_KEY_USAGE, _EXTENDED_USAGE, _CONSTRAINTS = "2.5.29.15", "2.5.29.37", "2.5.29.19"
_SUBJECT_KEY, _AUTHORITY_KEY, _ALTERNATIVE_NAMES = "2.5.29.14", "2.5.29.35", "2.5.29.17"
_SERVER_AUTH, _CLIENT_AUTH = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"
_RSA_SHA256, _ED25519 = "1.2.840.113549.1.1.11", "1.3.101.112"
_ECDSA = {
    256: ("1.2.840.10045.4.3.2", "SHA256"),
    384: ("1.2.840.10045.4.3.3", "SHA384"),
    521: ("1.2.840.10045.4.3.4", "SHA512"),
}


class CertificateRequest:
    """What a certificate shall say."""

    __slots__ = ("days", "hosts", "ips", "is_authority", "name", "settings")

    def __init__(
        self,
        settings: Settings,
        name: str,
        days: int,
        *,
        ips: list[bytes] | None = None,
        hosts: list[bytes] | None = None,
        is_authority: bool = False,
    ) -> None:
        self.settings = settings
        self.name = name
        self.days = days
        self.ips = ips or []
        self.hosts = hosts or []
        self.is_authority = is_authority


def create_certificate(
    request: CertificateRequest, key: PrivateKey, signing_key: PrivateKey, parent: x509.Certificate | None
) -> str:
    """Return a certificate for ``key`` as PEM, which ``signing_key`` signs; without a parent it is its own."""
    signature = _algorithm(signing_key)
    public = _public_info(key)
    if parent is not None and _public_info(signing_key) != _spki(parent.public_key()):
        raise _failed("x509: provided PrivateKey doesn't match parent's PublicKey")
    subject = _name(request.name)
    issuer = subject if parent is None else parent.subject.public_bytes()
    body = _tlv(
        _SEQUENCE,
        _tlv(0xA0, _integer(2)),
        _integer(int.from_bytes(request.settings.entropy(16), "big")),
        signature,
        issuer,
        _validity(request),
        subject,
        public,
        _tlv(0xA3, _tlv(_SEQUENCE, *_extensions(request, public, issuer, subject, parent))),
    )
    signed = _tlv(_SEQUENCE, body, signature, _tlv(_BIT_STRING, b"\0" + _sign(signing_key, body)))
    return write_pem("CERTIFICATE", signed)


def _failed(reason: str) -> FunctionError:
    return FunctionError(f"error creating certificate: {reason}")


def write_pem(label: str, data: bytes) -> str:
    """Return data as a block of PEM (pem.Encode)."""
    from binascii import b2a_base64

    text = b2a_base64(data, newline=False).decode("ascii")
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""))


# DER.


def _tlv(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(digits))) + digits + content


def _integer(number: int) -> bytes:
    return _tlv(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    out = bytearray((first * 40 + second,))
    for number in rest:
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(number & 0x7F | 0x80)
        out += bytes(reversed(groups))
    return _tlv(_OID, bytes(out))


def _name(common_name: str) -> bytes:
    if not common_name:
        return _tlv(_SEQUENCE)
    tag = _PRINTABLE if _PRINTABLE_CHARACTERS.issuperset(common_name) else _UTF8
    try:
        data = common_name.encode()
    except UnicodeEncodeError:
        raise _failed("asn1: string not valid UTF-8") from None
    return _tlv(_SEQUENCE, _tlv(_SET, _tlv(_SEQUENCE, _oid(_COMMON_NAME), _tlv(tag, data))))


def _validity(request: CertificateRequest) -> bytes:
    now = request.settings.clock.now_ns()
    return _tlv(_SEQUENCE, _time(now), _time(now + wrapped(request.days * _DAY)))


def _time(nanoseconds: int) -> bytes:
    """Write a time; years beyond UTCTime's century have the longer form."""
    time = Time(nanoseconds // SECOND)
    if 1950 <= time.moment.year < 2050:
        return _tlv(_UTC_TIME, time.format("060102150405Z").encode())
    if not 0 <= time.moment.year <= 9999:
        raise _failed("asn1: structure error: cannot represent time as GeneralizedTime")
    return _tlv(_GENERALIZED_TIME, time.format("20060102150405Z").encode())


def _extension(oid: str, content: bytes, *, critical: bool = False) -> bytes:
    return _tlv(_SEQUENCE, _oid(oid), _TRUE if critical else b"", _tlv(_OCTET_STRING, content))


def _extensions(
    request: CertificateRequest, public: bytes, issuer: bytes, subject: bytes, parent: x509.Certificate | None
) -> list[bytes]:
    usage = b"\x03\x02\x02\xa4" if request.is_authority else b"\x03\x02\x05\xa0"
    extensions = [
        _extension(_KEY_USAGE, usage, critical=True),
        _extension(_EXTENDED_USAGE, _tlv(_SEQUENCE, _oid(_SERVER_AUTH), _oid(_CLIENT_AUTH))),
        _extension(_CONSTRAINTS, _tlv(_SEQUENCE, _TRUE if request.is_authority else b""), critical=True),
    ]
    if request.is_authority:
        extensions.append(_extension(_SUBJECT_KEY, _tlv(_OCTET_STRING, _key_id(public, request.settings.helm))))
    if parent is not None and issuer != subject:
        identifier = _subject_key_id(parent)
        if identifier:
            extensions.append(_extension(_AUTHORITY_KEY, _tlv(_SEQUENCE, _tlv(0x80, identifier))))
    if request.hosts or request.ips:
        names = [_tlv(0x82, _ia5(host)) for host in request.hosts] + [_tlv(0x87, ip) for ip in request.ips]
        extensions.append(_extension(_ALTERNATIVE_NAMES, _tlv(_SEQUENCE, *names), critical=not request.name))
    return extensions


def _ia5(host: bytes) -> bytes:
    if not host.isascii():
        raise _failed(f'x509: "{host.decode("utf-8", "replace")}" cannot be encoded as an IA5String')
    return host


def _key_id(public: bytes, helm: int) -> bytes:
    """Return the key's identifier: SHA-1 of its bits until Go 1.24, the beginning of their SHA-256 since."""
    from hashlib import sha1, sha256

    bits = _key_bits(public)
    return sha256(bits).digest()[:20] if helm >= 4 else sha1(bits, usedforsecurity=False).digest()


def _key_bits(public: bytes) -> bytes:
    """Return the bit string in a SubjectPublicKeyInfo."""
    position, _ = _content(public, 0)
    start, size = _content(public, position)
    start, size = _content(public, start + size)
    return public[start + 1 : start + size]


def _content(data: bytes, position: int) -> tuple[int, int]:
    """Return where the content of a DER value begins and its size."""
    size = data[position + 1]
    if size < 0x80:
        return position + 2, size
    count = size & 0x7F
    start = position + 2 + count
    return start, int.from_bytes(data[position + 2 : start], "big")


def _subject_key_id(parent: x509.Certificate) -> bytes:
    from cryptography.x509 import ExtensionNotFound, SubjectKeyIdentifier

    try:
        return parent.extensions.get_extension_for_class(SubjectKeyIdentifier).value.digest
    except ExtensionNotFound:
        return b""


# Keys.


def _spki(public_key: PublicKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    encoded: bytes = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded


def _public_info(key: PrivateKey) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import dsa

    if isinstance(key, dsa.DSAPrivateKey):
        raise _failed("x509: only RSA, ECDSA and Ed25519 keys supported")
    return _spki(key.public_key())


def _algorithm(key: PrivateKey) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

    if isinstance(key, dsa.DSAPrivateKey):
        raise _failed("x509: certificate private key does not implement crypto.Signer")
    if isinstance(key, rsa.RSAPrivateKey):
        return _tlv(_SEQUENCE, _oid(_RSA_SHA256), b"\x05\x00")
    if isinstance(key, ec.EllipticCurvePrivateKey):
        if key.key_size not in _ECDSA:
            raise _failed("x509: unknown elliptic curve")
        return _tlv(_SEQUENCE, _oid(_ECDSA[key.key_size][0]))
    return _tlv(_SEQUENCE, _oid(_ED25519))


def _sign(key: PrivateKey, data: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    signature: bytes
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        signature = key.sign(data, ec.ECDSA(getattr(hashes, _ECDSA[key.key_size][1])()))
    else:
        signature = key.sign(data)
    return signature
