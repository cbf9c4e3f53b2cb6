"""OpenPGP: key rings, clear-signed messages. The one door to the library that does the cryptography.

Which keys may have signed follows Helm's library (``openpgp.CheckDetachedSignature``): a key of the ring that
is meant for signing, neither revoked nor expired.
"""

from __future__ import annotations

from pilothouse.errors import read_fault
from pilothouse.records import Record
from pilothouse.sources.errors import KeyMissing, KeyringInvalid, SignatureInvalid
from pilothouse.sources.keyrings import PUBLIC_KEY, SIGNATURE, blocks_in, dearmoured, packets_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BEGIN_MESSAGE = "-----BEGIN PGP SIGNED MESSAGE-----"
_BEGIN_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_END_SIGNATURE = "-----END PGP SIGNATURE-----"
_FAMILIES = {"ecdsa": "ECDSA", "eddsa-legacy": "EdDSA", "ed25519": "Ed25519", "ed448": "Ed448", "dsa": "DSA"}
_WEAK = ("md5", "ripemd160", "none", "private10")


class Key(Record):
    """A key of a ring.

    Attributes:
        identities: Names and addresses of its owner.
        fingerprint: Fingerprint in upper-case hexadecimal.
        secret: Whether it can sign.
        handle: The library's own form of it.
    """

    identities: tuple[str, ...]
    fingerprint: str
    secret: bool
    handle: Any

    def __repr__(self) -> str:
        return f"Key({self.identities!r}, {self.fingerprint})"

    @property
    def locked(self) -> bool:
        """Whether a passphrase is needed to sign with it."""
        return self.secret and self.handle.primary_secret_s2k().usage != "unprotected"


class Keyring(Record):
    """The keys of a file, in its order."""

    keys: tuple[Key, ...]

    @classmethod
    def read(cls, path: str, *, helm: int = 4) -> Keyring:
        """Return the keys in a file: binary or, with Helm 4, armoured or GnuPG's keybox.

        Raises:
            KeyringInvalid: It cannot be read, or it is no ring.
        """
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError as error:
            raise KeyringInvalid(read_fault(error, path)) from error
        keys = []
        for kind, block in blocks_in(content, path, helm=helm):
            key = _key(kind, block)
            if key is not None:
                keys.append(key)
        return cls(keys=tuple(keys))

    def check(self, wanted: str) -> None:
        """Check that no two keys hold a text.

        Raises:
            KeyMissing: They do.
        """
        if wanted and wanted not in (name for key in self.keys for name in key.identities):
            self._candidates(wanted)

    def find(self, wanted: str) -> Key:
        """Return the key with an identity that is, or holds, a text (``provenance.NewFromKeyring``).

        Raises:
            KeyMissing: There is none, or more than one.
        """
        for key in self.keys:
            if wanted in key.identities:
                return key
        candidates = self._candidates(wanted) if wanted else []
        if not candidates:
            raise KeyMissing("private key not found")
        return candidates[0]

    def _candidates(self, wanted: str) -> list[Key]:
        found = [key for key in self.keys for identity in key.identities if wanted in identity]
        if len(found) > 1:
            from pilothouse.golang.quoting import quote

            raise KeyMissing(f"more than one key contain the id {quote(wanted)}")
        return found


def _key(kind: int, block: bytes) -> Key | None:
    """Return a key, nothing when the library cannot read its kind; others of the ring may still be wanted."""
    from openpgp import composed
    from openpgp.errors import Error

    try:
        if kind == PUBLIC_KEY:
            public = composed.SignedPublicKey.from_bytes(block)
            return Key(
                identities=tuple(public.user_ids), fingerprint=public.fingerprint.upper(), secret=False, handle=public
            )
        secret = composed.SignedSecretKey.from_bytes(block)
        return Key(
            identities=tuple(secret.user_ids), fingerprint=secret.fingerprint.upper(), secret=True, handle=secret
        )
    except Error:
        return None


def clear_sign(text: str, key: Key, passphrase: str = "") -> str:
    """Return ``text`` with a signature by ``key`` over its SHA-512 (``Signatory.ClearSign``).

    Raises:
        KeyMissing: The key cannot sign.
        KeyringInvalid: The passphrase does not open it.
    """
    from openpgp import composed
    from openpgp.errors import Error

    if not key.secret:
        raise KeyMissing("provided key is not a private key. Try providing a keyring with secret keys")
    try:
        return composed.CleartextSignedMessage.sign(text, key.handle, passphrase or None, "sha512").to_armored()
    except Error as error:
        if key.locked:
            raise KeyringInvalid("openpgp: invalid data: private key checksum failure") from error
        raise KeyringInvalid(f"openpgp: {error}") from error


class SignedMessage(Record):
    """A clear-signed message taken apart.

    Attributes:
        text: What was signed, with plain line feeds.
        signature: The armoured signature.
    """

    text: str
    signature: str


def split_message(content: str) -> SignedMessage | None:
    """Return the first clear-signed message in a text, nothing when there is none (``clearsign.Decode``)."""
    lines = content.replace("\r\n", "\n").split("\n")
    start = next((number for number, line in enumerate(lines) if line.rstrip() == _BEGIN_MESSAGE), -1)
    if start < 0:
        return None
    position = start + 1
    while position < len(lines) and lines[position].strip():
        if not lines[position].startswith("Hash:"):
            return None  # no other header may stand before signed text
        position += 1
    position += 1
    signed: list[str] = []
    while position < len(lines) and lines[position].rstrip() != _BEGIN_SIGNATURE:
        signed.append(lines[position].removeprefix("- ").rstrip(" \t\r"))
        position += 1
    end = next((n for n in range(position, len(lines)) if lines[n].rstrip() == _END_SIGNATURE), -1)
    if end < 0:
        return None
    return SignedMessage(text="\n".join(signed), signature="\n".join(lines[position : end + 1]) + "\n")


def signer_of(message: SignedMessage, ring: Keyring, *, now: float) -> Key:
    """Return the key that signed a message.

    Args:
        message: What was signed, and the signature.
        ring: The keys that are trusted.
        now: Seconds since 1970, for what expires.

    Raises:
        SignatureInvalid: No key of the ring did, or it should not have.
    """
    from openpgp import composed
    from openpgp.errors import Error

    signatures = []
    try:
        for tag, packet in packets_in(dearmoured(message.signature.encode("ascii", "replace"))):
            if tag == SIGNATURE:
                signatures.append(composed.DetachedSignature.from_bytes(packet))
    except (Error, KeyringInvalid) as error:
        text = error.message if isinstance(error, KeyringInvalid) else f"openpgp: invalid data: {error}"
        raise SignatureInvalid(text) from error
    canonical = message.text.replace("\n", "\r\n").encode("utf-8", "surrogateescape")
    for detached in signatures:
        if detached.signature.hash_alg() in _WEAK:
            continue
        for key in ring.keys:
            public = key.handle.to_public_key() if key.secret else key.handle
            issuer = _issuer(detached.signature, public)
            if issuer is None:
                continue
            try:
                detached.verify_signature(public, canonical)
            except Error as error:
                kind = _FAMILIES.get(getattr(issuer, "key", issuer).public_key_algorithm, "RSA")
                raise SignatureInvalid(f"openpgp: invalid signature: {kind} verification failure") from error
            _check_signature(detached.signature, public, issuer, now)
            return key
    raise SignatureInvalid("openpgp: signature made by unknown entity")


def _issuer(signature: Any, public: Any) -> Any:
    """Return the key or subkey of a certificate that a signature names and that is meant for signing."""
    fingerprints = {text.lower() for text in signature.issuer_fingerprint()}
    key_ids = {text.lower() for text in signature.issuer_key_id()}

    def named(key: Any) -> bool:
        return key.fingerprint.lower() in fingerprints if fingerprints else key.key_id.lower() in key_ids

    if named(public):
        certifications = [*public.details.direct_signatures, *(s for u in public.details.users for s in u.signatures)]
        return public if any(own.key_flags().sign for own in certifications) else None
    for subkey in public.public_subkeys:
        if named(subkey.key) and any(own.key_flags().sign for own in subkey.signatures):
            return subkey
    return None


def _check_signature(signature: Any, public: Any, issuer: Any, now: float) -> None:
    """Check that neither key nor signature is revoked or past its time."""
    if public.details.revocation_signatures or any(own.typ() == "subkey-revocation" for own in _own(issuer)):
        raise SignatureInvalid("openpgp: signature made by revoked key")
    created, lifetime = signature.created(), signature.signature_expiration_time()
    if created is None or created > now or (lifetime and now > created + lifetime):
        raise SignatureInvalid("openpgp: signature expired")
    certifications = [own for user in public.details.users for own in user.signatures]
    if _expired(certifications, public.created_at, now) or (
        issuer is not public and _expired(_own(issuer), issuer.key.created_at, now)
    ):
        raise SignatureInvalid("openpgp: key expired")


def _own(issuer: Any) -> list[Any]:
    return list(getattr(issuer, "signatures", ()))


def _expired(certifications: list[Any], created: int, now: float) -> bool:
    """Return whether a key is past the time that its newest certification gives it."""
    dated = [own for own in certifications if own.created() is not None and own.created() <= now]
    if not dated:
        return True
    lifetime = max(dated, key=lambda own: own.created()).key_expiration_time()
    return bool(lifetime) and now > created + lifetime
