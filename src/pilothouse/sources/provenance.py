"""Proof of who made an archive: a clear-signed message with its metadata and its hash (``pkg/provenance``)."""

from __future__ import annotations

import hashlib
import os

from pilothouse.errors import Invalid, reason_of
from pilothouse.formats import yaml_text
from pilothouse.golang.quoting import quote
from pilothouse.records import Record
from pilothouse.sources.errors import KeyMissing, KeyringInvalid, ProvenanceInvalid, ProvenanceMissing
from pilothouse.sources.pgp import Key, Keyring, clear_sign, signer_of, split_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.golang.kinds import YamlValue

_SEPARATOR = "\n...\n"


class Verification(Record):
    """An archive whose maker is known.

    Attributes:
        signed_by: Names and addresses of who signed.
        fingerprint: Fingerprint of the key in upper-case hexadecimal.
        hash: Hash of the archive, ``sha256:`` and hexadecimal.
        file_name: Name of the archive.
    """

    signed_by: tuple[str, ...]
    fingerprint: str
    hash: str
    file_name: str

    def lines(self, what: str = "Chart") -> str:
        """Return the lines that commands print about it."""
        names = "".join(f"Signed by: {name}\n" for name in self.signed_by)
        return f"{names}Using Key With Fingerprint: {self.fingerprint}\n{what} Hash Verified: {self.hash}\n"


class Signer:
    """A key that may sign, opened with its passphrase when it has one.

    Args:
        ring: Secret keys.
        key: Text that one identity of the key holds.
        passphrase: Returns the passphrase of the key with an identity; it is called once at most.

    Raises:
        KeyMissing: There is no such key, or it cannot sign.
    """

    def __init__(self, ring: Keyring, key: str, passphrase: Callable[[str], str]) -> None:
        self._key: Key = ring.find(key)
        if not self._key.secret:
            raise KeyMissing("provided key is not a private key. Try providing a keyring with secret keys")
        names = self._key.identities
        self._passphrase = passphrase(names[0] if names else "Unknown") if self._key.locked else ""

    def sign(self, archive: bytes, file_name: str, metadata: str) -> str:
        """Return the provenance file of an archive.

        Args:
            archive: Its content.
            file_name: Its name without folders.
            metadata: What the archive says of itself, as YAML.
        """
        sums = yaml_text.encode({"files": {file_name: digest(archive)}})
        return clear_sign(f"{metadata}{_SEPARATOR}{sums}", self._key, self._passphrase)


def digest(content: bytes) -> str:
    """Return the hash of a file as provenance files write it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def verify(archive: bytes, provenance: bytes, file_name: str, ring: Keyring, *, now: float) -> Verification:
    """Return who signed an archive (``Signatory.Verify``).

    Args:
        archive: Its content.
        provenance: Content of the provenance file.
        file_name: Name of the archive that the provenance file must name.
        ring: The keys that are trusted.
        now: Seconds since 1970.

    Raises:
        SignatureInvalid: None of the keys signed the file as it is.
        ProvenanceInvalid: It says nothing about the archive, or something else than the archive is.
    """
    message = split_message(provenance.decode("utf-8", "surrogateescape"))
    if message is None:
        raise ProvenanceInvalid("signature block not found")
    key = signer_of(message, ring, now=now)
    signed = _sums(message.text).get(file_name)
    found = digest(archive)
    if signed is None:
        raise ProvenanceInvalid(f"provenance does not contain a SHA for a file named {quote(file_name)}")
    if signed != found:
        raise ProvenanceInvalid(f"sha256 sum does not match for {file_name}: {quote(str(signed))} != {quote(found)}")
    return Verification(signed_by=key.identities, fingerprint=key.fingerprint, hash=found, file_name=file_name)


def _sums(text: str) -> dict[str, YamlValue]:
    """Return the hashes of files that a signed text names (``parseMessageBlock``)."""
    parts = f"{text}\n".split(_SEPARATOR)
    if len(parts) < 2:
        raise ProvenanceInvalid("message block must have at least two parts")
    sums = yaml_text.decode(parts[1])
    files = sums.get("files") if isinstance(sums, dict) else None
    return files if isinstance(files, dict) else {}


def signed_sums(provenance: bytes) -> dict[str, YamlValue] | None:
    """Return the hashes that a provenance file names, nothing when it is none; its signature is not checked."""
    message = split_message(provenance.decode("utf-8", "surrogateescape"))
    if message is None:
        return None
    try:
        return _sums(message.text)
    except Invalid:
        return {}


def verify_file(
    path: str, keyring: str, *, now: float, provenance_path: str = "", name: str = "", helm: int = 4
) -> Verification:
    """Return who signed the archive at a path (``downloader.VerifyChart``).

    Args:
        path: The archive, ``.tgz``.
        keyring: File of the keys that are trusted.
        now: Seconds since 1970.
        provenance_path: The provenance file, when it is not ``path`` with ``.prov``.
        name: Name that the provenance file must name, when it is not that of ``path``.
        helm: Helm generation, 3 or 4.

    Raises:
        PilothouseError: It is not signed, or not by any of the keys.
    """
    try:
        os.stat(path)
    except OSError as error:
        raise ProvenanceInvalid(f"stat {path}: {reason_of(error)}") from error
    if os.path.isdir(path):
        raise ProvenanceInvalid("unpacked charts cannot be verified")
    if not (name or path).lower().endswith(".tgz"):
        raise ProvenanceInvalid("chart must be a tgz file")
    beside = provenance_path or f"{path}.prov"
    try:
        with open(beside, "rb") as file:
            content = file.read()
    except OSError as error:
        raise ProvenanceMissing(
            f"could not load provenance file {beside}: stat {beside}: {reason_of(error)}"
        ) from error
    try:
        ring = Keyring.read(keyring, helm=helm)
    except KeyringInvalid as error:
        raise error.prefixed("failed to load keyring: ") from error
    with open(path, "rb") as file:
        archive = file.read()
    try:
        return verify(archive, content, name or os.path.basename(path), ring, now=now)
    except ProvenanceInvalid as error:
        if helm == 3 and error.message == "signature block not found":
            raise error.prefixed("failed to decode signature: ") from error
        raise


def read_passphrase(content: bytes) -> str:
    """Return the passphrase in a file: its first line (``Package.passphraseFileFetcher``).

    Raises:
        Invalid: The file is empty.
    """
    if not content:
        raise Invalid("EOF")
    return content.partition(b"\n")[0].removesuffix(b"\r").decode("utf-8", "surrogateescape")
