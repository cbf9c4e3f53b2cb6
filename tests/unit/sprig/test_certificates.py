"""Keys and certificates are what Go's x509 would make of sprig's template."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from pilothouse.golang.functions import FunctionError
from pilothouse.golang.kinds import GoValue

Call = Callable[..., GoValue]
NOON = datetime(2024, 2, 29, 12, tzinfo=timezone.utc)  # noqa: UP017 - as in the sources


@pytest.fixture(scope="module")
def key(call: Call) -> str:
    """A private key that is quick to make."""
    return str(call("genPrivateKey", "ecdsa"))


@pytest.mark.parametrize(("kind", "label"), [("ecdsa", "EC PRIVATE KEY"), ("ed25519", "PRIVATE KEY")])
def test_keys_have_gos_labels(call: Call, kind: str, label: str) -> None:
    """Each kind of key has the form Go writes it in."""
    pem = call("genPrivateKey", kind)
    assert pem.startswith(f"-----BEGIN {label}-----\n")
    load_pem_private_key(pem.encode(), None)
    assert call("genPrivateKey", "x") == "Unknown type x"


def test_authorities_sign_certificates(call: Call, key: str) -> None:
    """A signed certificate names its issuer, is valid from now on and carries the names asked for."""
    authority = call("genCAWithKey", "the ca", 365, key)
    pair = call("genSignedCertWithKey", "host", ["10.0.0.1", "::1"], ["a.b", "*.c"], 10, authority, key)
    ca = x509.load_pem_x509_certificate(authority.cert.encode())
    certificate = x509.load_pem_x509_certificate(pair.cert.encode())
    certificate.verify_directly_issued_by(ca)
    assert certificate.issuer.rfc4514_string() == "CN=the ca"
    assert (certificate.not_valid_before_utc, (certificate.not_valid_after_utc - NOON).days) == (NOON, 10)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.b", "*.c"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.1", "::1"]
    own = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    given = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert own.digest == given.key_identifier


def test_usages_and_constraints(call: Call, key: str) -> None:
    """Authorities may sign, other certificates may not."""
    for pair, is_authority in (
        (call("genCAWithKey", "x", 1, key), True),
        (call("genSelfSignedCertWithKey", "x", None, None, 1, key), False),
    ):
        extensions = x509.load_pem_x509_certificate(pair.cert.encode()).extensions
        constraints = extensions.get_extension_for_class(x509.BasicConstraints)
        assert (constraints.critical, constraints.value.ca) == (True, is_authority)
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        assert (usage.digital_signature, usage.key_encipherment, usage.key_cert_sign) == (True, True, is_authority)
        extended = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(extended) == [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]


def test_long_names_and_spans_are_possible(call: Call, key: str) -> None:
    """Names beyond 64 characters and certificates that end before they begin are made as Go makes them."""
    pair = call("genSelfSignedCertWithKey", "x" * 100, None, None, -5, key)
    certificate = x509.load_pem_x509_certificate(pair.cert.encode())
    assert (certificate.not_valid_after_utc - NOON).days == -5


def test_custom_pairs(call: Call, key: str) -> None:
    """A pair given in base 64 is checked and handed on; a key that does not fit cannot sign."""
    cert = call("genCAWithKey", "x", 1, key).cert
    pair = call("buildCustomCert", call("b64enc", cert), call("b64enc", key))
    assert (pair.cert, pair.key) == (cert, key)
    other = call("genPrivateKey", "ecdsa")
    wrong = call("buildCustomCert", call("b64enc", cert), call("b64enc", other))
    with pytest.raises(FunctionError, match="provided PrivateKey doesn't match parent's PublicKey"):
        call("genSignedCertWithKey", "y", None, None, 1, wrong, key)


@pytest.mark.parametrize(
    ("ips", "hosts", "message"),
    [
        (["x"], None, "error parsing ip: x"),
        ([1], None, "error parsing ip: 1 is not a string"),
        (None, [1], "error processing alternate dns name: 1 is not a string"),
    ],
)
def test_bad_names(call: Call, key: str, ips: list[GoValue] | None, hosts: list[GoValue] | None, message: str) -> None:
    """Addresses and names that are none are named in the error."""
    with pytest.raises(FunctionError) as failure:
        call("genSelfSignedCertWithKey", "x", ips, hosts, 1, key)
    assert str(failure.value) == message
