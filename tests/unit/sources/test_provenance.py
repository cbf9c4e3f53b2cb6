"""Archives are signed and checked as Helm does it, and what does not fit fails closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpgp.composed import (
    CleartextSignedMessage,
    KeyType,
    SecretKeyParamsBuilder,
    SignedSecretKey,
)

from pilothouse.errors import PilothouseError
from pilothouse.sources.errors import KeyMissing, KeyringInvalid, ProvenanceInvalid, SignatureInvalid
from pilothouse.sources.pgp import Keyring, split_message
from pilothouse.sources.provenance import Signer, digest, signed_sums, verify, verify_file

NOW = 4_000_000_000.0
ARCHIVE = b"an archive"
METADATA = "apiVersion: v2\nname: a\nversion: 1.0.0\n"


def make_key(name: str, passphrase: str | None = None, *, sign: bool = True) -> SignedSecretKey:
    """Return a new key."""
    builder = SecretKeyParamsBuilder().key_type(KeyType.ed25519_legacy()).version(4)
    builder = builder.can_sign(sign).can_certify(True).primary_user_id(name)
    return builder.passphrase(passphrase).build().generate()


@pytest.fixture(scope="module")
def keys() -> dict[str, SignedSecretKey]:
    """Keys by the first name of their owners."""
    return {
        "Anna": make_key("Anna <anna@example.com>"),
        "Bert": make_key("Bert <bert@example.com>", "pw"),
        "Carl": make_key("Carl <carl@example.com>", sign=False),
    }


@pytest.fixture(scope="module")
def rings(keys: dict[str, SignedSecretKey], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a public and a secret ring of all keys."""
    folder = tmp_path_factory.mktemp("rings")
    (folder / "secring.gpg").write_bytes(b"".join(key.to_bytes() for key in keys.values()))
    (folder / "pubring.gpg").write_bytes(b"".join(key.to_public_key().to_bytes() for key in keys.values()))
    return folder


def signed(rings: Path, key: str = "Anna", name: str = "a-1.0.0.tgz") -> bytes:
    """Return a provenance file."""
    signer = Signer(Keyring.read(str(rings / "secring.gpg")), key, lambda _name: "pw")
    return signer.sign(ARCHIVE, name, METADATA).encode()


def check(rings: Path, provenance: bytes, archive: bytes = ARCHIVE, name: str = "a-1.0.0.tgz") -> str:
    """Return the lines about a verification."""
    return verify(archive, provenance, name, Keyring.read(str(rings / "pubring.gpg")), now=NOW).lines()


def test_layout(rings: Path) -> None:
    """A provenance file has the parts of Helm's: metadata, a separator, the archive's hash."""
    text = signed(rings).decode()
    assert text.startswith(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"
        f"{METADATA}\n...\nfiles:\n  a-1.0.0.tgz: {digest(ARCHIVE)}\n\n-----BEGIN PGP SIGNATURE-----\n"
    )


def test_round_trip(rings: Path, keys: dict[str, SignedSecretKey]) -> None:
    """What was signed is verified, with the lines that Helm prints."""
    for name in ("Anna", "Bert"):
        fingerprint = keys[name].fingerprint.upper()
        assert check(rings, signed(rings, name)) == (
            f"Signed by: {name} <{name.lower()}@example.com>\nUsing Key With Fingerprint: {fingerprint}\n"
            f"Chart Hash Verified: {digest(ARCHIVE)}\n"
        )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda text: text.replace("name: a", "name: b"), "openpgp: invalid signature: EdDSA verification failure"),
        (lambda text: text.replace("Hash: SHA512", "NotHash: SHA512"), "signature block not found"),
        (lambda text: text.replace("END PGP SIGNATURE", "END"), "signature block not found"),
        (lambda _text: "nothing", "signature block not found"),
        (lambda _text: "", "signature block not found"),
    ],
)
def test_changed_files(rings: Path, change: object, problem: str) -> None:
    """A provenance file that was changed, cut or replaced proves nothing."""
    assert callable(change)
    with pytest.raises(PilothouseError) as caught:
        check(rings, change(signed(rings).decode()).encode())
    assert caught.value.message == problem


def test_other_archives(rings: Path) -> None:
    """An archive with other content, or another name, is not the one that was signed."""
    other = digest(b"other")
    with pytest.raises(ProvenanceInvalid, match="sha256 sum does not match for") as caught:
        check(rings, signed(rings), b"other")
    assert caught.value.message.endswith(f'"{digest(ARCHIVE)}" != "{other}"')
    with pytest.raises(ProvenanceInvalid, match="does not contain a SHA for a file named"):
        check(rings, signed(rings), name="b-1.0.0.tgz")


def test_text_around_the_message_is_not_signed(rings: Path) -> None:
    """Hashes outside of the signed part, before or after it, count for nothing."""
    real = signed(rings, name="b-1.0.0.tgz").decode()
    fake = f"x\n...\nfiles:\n  a-1.0.0.tgz: {digest(ARCHIVE)}\n"
    for text in (fake + real, real + fake):
        with pytest.raises(ProvenanceInvalid, match="does not contain a SHA"):
            check(rings, text.encode())


def test_unknown_and_unfit_keys(rings: Path, keys: dict[str, SignedSecretKey]) -> None:
    """Only a key of the ring that is meant for signing may have signed."""
    stranger = CleartextSignedMessage.sign(f"x\n...\nfiles:\n  a: {digest(ARCHIVE)}\n", make_key("D <d@x>"), None)
    with pytest.raises(SignatureInvalid, match="signature made by unknown entity"):
        check(rings, stranger.to_armored().encode(), name="a")
    unfit = CleartextSignedMessage.sign(f"x\n...\nfiles:\n  a: {digest(ARCHIVE)}\n", keys["Carl"], None)
    with pytest.raises(SignatureInvalid, match="signature made by unknown entity"):
        check(rings, unfit.to_armored().encode(), name="a")


def test_signatures_of_the_future(rings: Path) -> None:
    """A signature that is dated after now is not valid yet."""
    ring = Keyring.read(str(rings / "pubring.gpg"))
    with pytest.raises(SignatureInvalid, match="signature expired"):
        verify(ARCHIVE, signed(rings), "a-1.0.0.tgz", ring, now=1.0)


def test_weak_hashes(rings: Path, keys: dict[str, SignedSecretKey]) -> None:
    """A signature over a hash that can be forged counts as none."""
    text = f"x\n...\nfiles:\n  a: {digest(ARCHIVE)}\n"
    weak = CleartextSignedMessage.sign(text, keys["Anna"], None, "sha256").to_armored()
    assert check(rings, weak.encode(), name="a")
    message = split_message(weak)
    assert message is not None
    assert message.text == text


def test_key_selection(rings: Path) -> None:
    """A key is chosen by any part of a name, and must be the only one."""
    ring = Keyring.read(str(rings / "secring.gpg"))
    assert ring.find("bert@").identities == ("Bert <bert@example.com>",)
    assert ring.find("Anna <anna@example.com>").fingerprint
    with pytest.raises(KeyMissing, match=r'^more than one key contain the id "example.com"$'):
        ring.find("example.com")
    for wanted in ("nobody", ""):
        with pytest.raises(KeyMissing, match=r"^private key not found$"):
            ring.find(wanted)
    public = Keyring.read(str(rings / "pubring.gpg"))
    with pytest.raises(KeyMissing, match="not a private key"):
        Signer(public, "Anna", lambda _name: "")


def test_passphrases(rings: Path) -> None:
    """A passphrase is asked for where the key has one; a wrong one is an error."""
    ring = Keyring.read(str(rings / "secring.gpg"))
    asked: list[str] = []

    def wrong(name: str) -> str:
        asked.append(name)
        return "wrong"

    Signer(ring, "Anna", wrong).sign(ARCHIVE, "a", METADATA)
    assert asked == []
    with pytest.raises(KeyringInvalid, match="private key checksum failure"):
        Signer(ring, "Bert", wrong).sign(ARCHIVE, "a", METADATA)
    assert asked == ["Bert <bert@example.com>"]


def test_forms_of_rings(keys: dict[str, SignedSecretKey], tmp_path: Path) -> None:
    """Binary rings, armoured keys and GnuPG's keybox are read; with Helm 3 binary rings alone."""
    public = keys["Anna"].to_public_key()
    armoured = tmp_path / "a.asc"
    armoured.write_text(public.to_armored())
    keybox = tmp_path / "pubring.kbx"
    block = public.to_bytes()
    header = (32).to_bytes(4, "big") + b"\x01\x01\x00\x02KBXf" + bytes(20)
    blob = b"\x02\x01\x00\x00" + (20).to_bytes(4, "big") + len(block).to_bytes(4, "big") + bytes(4) + block
    keybox.write_bytes(header + (len(blob) + 4).to_bytes(4, "big") + blob)
    for path in (armoured, keybox):
        assert [key.fingerprint for key in Keyring.read(str(path)).keys] == [public.fingerprint.upper()]
        with pytest.raises(KeyringInvalid, match="tag byte does not have MSB set"):
            Keyring.read(str(path), helm=3)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"text", "openpgp: invalid data: tag byte does not have MSB set"),
        (b"\x99\x01", "unexpected EOF"),
        (b"\xc6\xff\xff\xff\xff\xff", "unexpected EOF"),
        (
            b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!!!\n-----END PGP PUBLIC KEY BLOCK-----\n",
            "openpgp: invalid data: ",
        ),
        (b"\x00\x00\x00\x20\x01\x01\x00\x02KBXf" + bytes(20), "keybox contains no OpenPGP keys"),
        (b"\x00\x00\x00\x20\x02\x01\x00\x02KBXf\xff\xff\xff\xff" + bytes(16), "unexpected EOF"),
    ],
)
def test_broken_rings(tmp_path: Path, content: bytes, problem: str) -> None:
    """A file that is no ring is an error with Helm's words, and never a traceback."""
    path = tmp_path / "ring"
    path.write_bytes(content)
    with pytest.raises(KeyringInvalid) as caught:
        Keyring.read(str(path))
    assert problem in caught.value.message


def test_hostile_rings(rings: Path, tmp_path: Path) -> None:
    """Whatever bytes a ring is cut to or changed into, the answer is keys or a clear error."""
    whole = (rings / "pubring.gpg").read_bytes()
    path = tmp_path / "ring"
    for size in range(0, len(whole), 7):
        for content in (whole[:size], whole[:size] + bytes([whole[size] ^ 0x55]) + whole[size + 1 :]):
            path.write_bytes(content)
            try:
                Keyring.read(str(path))
            except KeyringInvalid:
                continue


def test_missing_provenance_fails_closed(rings: Path, tmp_path: Path) -> None:
    """GHSA-q5jf-9vfq-h4h7: without a provenance file nothing is verified; that is an error, not a pass."""
    archive = tmp_path / "a-1.0.0.tgz"
    archive.write_bytes(ARCHIVE)
    ring = str(rings / "pubring.gpg")
    with pytest.raises(PilothouseError, match=r"^could not load provenance file .*\.prov: stat .*\.prov: no such file"):
        verify_file(str(archive), ring, now=NOW)
    (tmp_path / "a-1.0.0.tgz.prov").write_bytes(b"")
    with pytest.raises(ProvenanceInvalid, match="signature block not found"):
        verify_file(str(archive), ring, now=NOW)
    with pytest.raises(ProvenanceInvalid, match="unpacked charts cannot be verified"):
        verify_file(str(tmp_path), ring, now=NOW)
    with pytest.raises(ProvenanceInvalid, match="chart must be a tgz file"):
        verify_file(str(rings / "pubring.gpg"), ring, now=NOW)


def test_hashes_without_a_check(rings: Path) -> None:
    """The hashes that a file names can be read without asking who signed."""
    assert signed_sums(signed(rings)) == {"a-1.0.0.tgz": digest(ARCHIVE)}
    assert signed_sums(b"nothing") is None
